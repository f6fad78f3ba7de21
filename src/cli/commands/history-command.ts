import type { Command } from 'commander';
import type { DeviceSettings } from '../../config/settings.js';
import type { Verdict } from '../../monitor/product.js';
import type { ResultRow } from '../../ports/results-table.js';
import { parseSince } from '../../monitor/text/parse-since.js';
import { selectDevice } from '../../monitor/text/device-selection.js';
import type { Shell } from '../support/shell.js';
import { cameraPath, timeInWords } from '../../monitor/text/wording.js';
import { jsonLine, signedDeg } from '../support/words.js';
import { addCommand, withProduct, type CommonOptions } from '../support/with-product.js';

interface Options extends CommonOptions {
  readonly since: string;
  readonly plot?: string;
}

const VERDICT_WORDS: Readonly<Record<Verdict, string>> = {
  ok: '✅ ok',
  drifted: '🚨 drifted',
  unmeasured: '⚠️ not measured',
};

/** Against today's threshold: the table keeps offsets, not verdicts. */
const verdictOf = (row: ResultRow, thresholdDeg: number): Verdict => {
  const { yaw_offset: yaw, pitch_offset: pitch, roll_offset: roll } = row;
  if (!row.success || yaw === null || pitch === null || roll === null) return 'unmeasured';
  return [yaw, pitch, roll].some((offset) => Math.abs(offset) > thresholdDeg) ? 'drifted' : 'ok';
};

const tableLine = (row: ResultRow, thresholdDeg: number): string => {
  const offsets = [row.yaw_offset, row.pitch_offset, row.roll_offset];
  const cells = offsets.map((offset) => (offset === null ? '–' : signedDeg(offset)).padStart(9));
  const failure = row.failure_log === null ? '' : `: ${row.failure_log}`;
  const verdict = VERDICT_WORDS[verdictOf(row, thresholdDeg)];
  return `${timeInWords(row.timestamp)} ${cells.join(' ')}  ${verdict}${failure}\n`;
};

const heading = (device: DeviceSettings): string => {
  const columns = ['yaw', 'pitch', 'roll'].map((name) => name.padStart(9)).join(' ');
  return `${cameraPath(device)}\n${'time (UTC)'.padEnd(19)} ${columns}  verdict at ${device.thresholdDeg}°\n`;
};

const rowJson = (row: ResultRow, thresholdDeg: number): string =>
  jsonLine({ ...row, verdict: verdictOf(row, thresholdDeg), threshold_deg: thresholdDeg });

const tell = (shell: Shell, device: DeviceSettings, rows: readonly ResultRow[], json: boolean): void => {
  if (json) rows.forEach((row) => shell.out(rowJson(row, device.thresholdDeg)));
  else if (rows.length > 0)
    shell.out(heading(device) + rows.map((row) => tableLine(row, device.thresholdDeg)).join(''));
};

/** What was measured of one camera, oldest first, as a table, lines of JSON or a picture. */
export function historyCommand(program: Command, shell: Shell): void {
  addCommand(program, shell, {
    synopsis: 'history <device>',
    does: 'what was measured of one camera, oldest first',
    json: 'print one row of the results table a line as JSON, with verdict and threshold_deg',
    examples: [
      'history north-mast',
      'history cam-1 --since 90m',
      'history cam-1 --since 30d --plot cam-1.png',
    ],
  })
    .option('--since <period>', 'a period (90m, 24h, 7d) or an ISO date or time, UTC', '7d')
    .option('--plot <file>', 'also draw the history into this PNG file')
    .action(async (name: string, options: Options) => {
      const settings = await shell.loadSettings(options.config, []);
      const device = selectDevice(settings, name);
      const sinceMs = parseSince(options.since, shell.nowMs());
      await withProduct(shell, settings, async (product) => {
        const rows = await product.history({ device, sinceMs });
        tell(shell, device, rows, options.json === true);
        if (rows.length === 0) shell.err(`${cameraPath(device)} was not checked since ${options.since}.\n`);
        if (options.plot !== undefined) {
          await shell.writeFile(options.plot, await product.historyPlot(device, sinceMs));
          shell.err(`Drawn into ${options.plot}.\n`);
        }
      });
    });
}
