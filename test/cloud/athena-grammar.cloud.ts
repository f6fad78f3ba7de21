import { describe, expect, it } from '@jest/globals';
import { createTableSql, historySql, mergeStatements } from '../../src/adapters/athena-sql.js';
import { resultRow } from '../support/result-row.js';
import { sparkFaults, trinoFaults } from '../support/sql-grammars.js';

const refused = resultRow({
  yaw_offset: null,
  capture_positions: [],
  success: false,
  failure_log: "it`s a 'test'; DROP TABLE x; --\n🚨 ?",
});

describe('SQL for Athena, by grammars that nobody here wrote', () => {
  it('is DDL that Hive and Spark read, with the contract’s columns in their order', () => {
    const sql = createTableSql('monitoring', 's3://bucket/warehouse/calibration_monitoring/');
    expect(sparkFaults(sql)).toEqual([]);
    expect(sql).not.toMatch(/EXTERNAL|"/);
    expect(sql).toMatch(/PARTITIONED BY \(day\(`timestamp`\)\)/);
    const names = [...sql.matchAll(/^ {2}`?(\w+)`? /gm)].map(([, name]) => name);
    expect(names.join(' ')).toBe(
      'deployment_name device_id timestamp pitch_offset yaw_offset roll_offset mode capture_positions files_location success failure_log',
    );
  });

  it('is DML that Trino reads, without a backtick', () => {
    const [merge] = mergeStatements('monitoring', [resultRow(), refused]);
    const questions = [
      historySql('monitoring', { sinceMs: 0 }),
      historySql('monitoring', { sinceMs: 0, deploymentName: 'site-a', deviceId: "it's" }),
    ];
    for (const sql of [merge?.sql ?? '', ...questions.map((question) => question.sql)]) {
      expect(trinoFaults(sql)).toEqual([]);
      expect(sql).not.toContain('`');
    }
    expect(questions[1]?.parameters).toEqual(["'1970-01-01 00:00:00.000'", "'site-a'", "'it''s'"]);
    expect(trinoFaults('MERGE INTO x USING y')).not.toEqual([]);
  });
});
