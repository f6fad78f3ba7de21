import { describe, expect, it } from '@jest/globals';
import {
  createDatabaseSql,
  createTableSql,
  historySql,
  mergeStatements,
  optimizeSql,
  setPropertiesSql,
  VACUUM_SQL,
} from '../../src/adapters/aws/athena-sql.js';
import { resultRow } from '../support/result-row.js';
import { sparkFaults, trinoFaults } from '../support/sql-grammars.js';

const refused = resultRow({
  yaw_offset: null,
  capture_positions: [],
  success: false,
  failure_log: "it`s a 'test'; DROP TABLE x; --\n🚨 ?",
});

/**
 * No grammar that can be had knows Athena's own two statements. As AWS documents them
 * (docs.aws.amazon.com/athena/latest/ug/optimize-statement.html and vacuum-statement.html):
 *   OPTIMIZE [db_name.]table_name REWRITE DATA USING BIN_PACK [WHERE predicate]
 *   VACUUM [database_name.]target_table
 * with partition columns alone in the predicate, and no quotes around the names that VACUUM takes.
 */
const OPTIMIZE = /^OPTIMIZE (?:\w+\.)?\w+ REWRITE DATA USING BIN_PACK(?: WHERE (.+))?$/;
const VACUUM = /^VACUUM (?:\w+\.)?\w+$/;

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

  it('is DDL that Spark reads for databases and properties too', () => {
    const properties = setPropertiesSql('monitoring', { vacuum_min_snapshots_to_keep: '5' });
    for (const sql of [createDatabaseSql('monitoring'), properties]) expect(sparkFaults(sql)).toEqual([]);
    expect(createTableSql('monitoring', 's3://b/w/')).toMatch(/'vacuum_max_snapshot_age_seconds'='172800'/);
  });

  it('keeps the table in the form that Athena documents, by whole days', () => {
    const sql = optimizeSql(Date.parse('2026-01-28T14:35:00.250Z'));
    const [, predicate = ''] = OPTIMIZE.exec(sql) ?? [];
    expect(predicate).toBe(`"timestamp" >= TIMESTAMP '2026-01-28 00:00:00.000'`);
    expect(trinoFaults(`SELECT * FROM t WHERE ${predicate}`)).toEqual([]);
    expect(VACUUM_SQL).toMatch(VACUUM);
    expect('VACUUM "monitoring"."t"').not.toMatch(VACUUM);
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
