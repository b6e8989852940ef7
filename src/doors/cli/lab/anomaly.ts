import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { table } from '#src/doors/cli/show.ts';
import { alarmThreshold, anomalyWatch } from '#src/grow/anomaly.ts';
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
    const files = filesIn(path, out);
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
    write(join(out, 'threshold.txt'), `${alarmThreshold}\n`);
    if (wrong.length > 0)
      throw new WrongFile(`${wrong.join('\n')}\n${done.length} of ${files.length} files were scored.`);
    return {
      json: { threshold: alarmThreshold, files: done },
      text: `${table(done, { now: new Date(), ...(width ? { width } : {}) })}\nAlarm threshold: ${alarmThreshold}`,
    };
  },
};

/** CSV files of a folder and of those in it, but not of the one that is written. */
function filesIn(folder: string, out: string): string[] {
  const written = resolve(out);
  const found: string[] = [];
  const look = (place: string) => {
    let entries: ReturnType<typeof read>;
    try {
      entries = read(place);
    } catch (error) {
      throw new WrongFile(`${place}: it cannot be read as a folder (${(error as NodeJS.ErrnoException).code}).`);
    }
    for (const entry of entries) {
      const path = join(place, entry.name);
      if (entry.isDirectory()) {
        if (resolve(path) !== written) look(path);
      } else if (/\.csv$/i.test(entry.name)) found.push(relative(folder, path));
    }
  };
  look(folder);
  if (resolve(folder) === written)
    throw new WrongUse('The scores need a folder of their own, or they would replace the series.');
  return found.sort();
}

function read(place: string) {
  return readdirSync(place, { withFileTypes: true });
}

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
  write(join(to, file), `${lines.join('\n')}\n`);
  return { file, rows: rows.length, alarms, highest: Number(highest.toFixed(3)) };
}

function write(path: string, text: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  } catch (error) {
    throw new WrongFile(`${path}: it cannot be written (${(error as NodeJS.ErrnoException).code}).`);
  }
}
