import { join } from 'node:path';
import { table } from '#src/doors/cli/show.ts';
import { alarmThreshold, anomalyWatch } from '#src/grow/anomaly.ts';
import { filesIn, writeText } from './folder.ts';
import { type SeriesRow, seriesOf } from './series.ts';
import { fileAt, WrongFile } from './source.ts';
import { type Verb, WrongUse } from './verb.ts';

export const anomaly: Verb = {
  summary: 'how unusual each row of a series is, judged from the rows before it',
  file: 'IN_FOLDER',
  second: 'OUT_FOLDER',
  options: {},
  example: `  timestamp,value
  2026-11-22 09:00:00,41
  2026-11-22 09:05:00,44

  fanfare lab anomaly series scores

  Each CSV of the folder, in folders of it too, comes out under the same name with timestamp,anomaly_score; a score of
  the number in threshold.txt or more is an alarm. One incident is one alarm: after it the scores stay below for a while.`,
  run({ path, second, width, note }) {
    const out = second ?? '';
    const files = filesIn(path, out).filter((file) => /\.csv$/i.test(file));
    if (files.length === 0) throw new WrongUse(`There is no CSV file in ${path}.`);
    const wrong: string[] = [];
    const done = files.flatMap((file) => {
      try {
        return [scoreFile(path, out, file, note)];
      } catch (error) {
        if (!(error instanceof WrongFile)) throw error;
        wrong.push(error.message);
        return [];
      }
    });
    writeText(join(out, 'threshold.txt'), `${alarmThreshold}\n`);
    if (wrong.length > 0)
      throw new WrongFile(`${wrong.join('\n')}\n${done.length} of ${files.length} files were scored.`);
    return {
      json: { threshold: alarmThreshold, files: done },
      text: `${table(done, { now: new Date(), ...(width ? { width } : {}) })}\nAlarm threshold: ${alarmThreshold}`,
    };
  },
};

function scoreFile(from: string, to: string, file: string, note: (text: string) => void) {
  const watch = anomalyWatch();
  const rows: SeriesRow[] = [...seriesOf(fileAt(join(from, file)), note)];
  const lines = ['timestamp,anomaly_score'];
  let [alarms, highest] = [0, 0];
  for (const row of rows) {
    // Rounded down, so that no score becomes an alarm by its last digit.
    const score = Math.floor(watch(row) * 1e6) / 1e6;
    if (score >= alarmThreshold) alarms++;
    highest = Math.max(highest, score);
    lines.push(`${/[",]/.test(row.stamp) ? `"${row.stamp}"` : row.stamp},${score}`);
  }
  writeText(join(to, file), `${lines.join('\n')}\n`);
  return { file, rows: rows.length, alarms, highest: Number(highest.toFixed(3)) };
}
