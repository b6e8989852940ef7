import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answer, lab, refused } from '#test/lab.ts';
import { runLab } from './lab.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fanfare-series-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function run(...words: string[]) {
  let [out, err] = ['', ''];
  const code = runLab(words, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    stdin: () => [],
  });
  return { code, out, err };
}
const file = (path: string, text: string) => {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), text);
};
const stamps = (rows: number) =>
  Array.from({ length: rows }, (_, row) =>
    new Date(Date.UTC(2026, 0, 5) + row * 300_000).toISOString().slice(0, 19).replace('T', ' '),
  );

describe('anomaly', () => {
  test('folders in, the same folders out, with the threshold', () => {
    const series = stamps(1000).map((stamp, row) => `${stamp},${row === 800 ? 90 : 10 + (row % 5)}`);
    file('in/a.csv', `timestamp,value\n${series.join('\n')}\n`);
    file('in/deep/b.csv', '\uFEFF"value";"timestamp"\r\n"1,5";"2026-01-05T00:00:00Z"\r\n'.replace('1,5', '1.5'));
    file('in/notes.txt', 'not a series');
    file('in/.hidden.csv', 'not a series');
    const { code, out, err } = run('anomaly', join(folder, 'in'), join(folder, 'out'), '--json');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(JSON.parse(out)).toMatchObject({
      threshold: 0.5,
      files: [
        { file: 'a.csv', rows: 1000, alarms: 1 },
        { file: join('deep', 'b.csv'), rows: 1, alarms: 0 },
      ],
    });
    const lines = readFileSync(join(folder, 'out/a.csv'), 'utf8').trim().split('\n');
    expect(lines[0]).toBe('timestamp,anomaly_score');
    expect(lines).toHaveLength(1001);
    const alarms = lines.slice(1).filter((line) => Number(line.split(',')[1]) >= 0.5);
    expect(alarms.map((line) => line.split(',')[0])).toEqual([stamps(801)[800]]);
    expect(readFileSync(join(folder, 'out/deep/b.csv'), 'utf8')).toBe(
      'timestamp,anomaly_score\n2026-01-05T00:00:00Z,0\n',
    );
    expect(readFileSync(join(folder, 'out/threshold.txt'), 'utf8')).toBe('0.5\n');
    expect(existsSync(join(folder, 'out/notes.txt'))).toBe(false);
  });

  test('a file that is no series is named with its line, the others are scored', () => {
    file('mixed/good.csv', 'timestamp,value\n2026-01-05,1\n2026-01-06,2\n');
    file('mixed/labels.csv', 'name,colour\nred,1\n');
    file('mixed/bad.csv', 'timestamp,value\n2026-01-05,1\n2026-01-06,\n');
    file('mixed/large.csv', 'timestamp,value\n2026-01-05,1\n2026-01-06,1e400\n');
    file('mixed/when.csv', 'timestamp,value\n2026-01-05,1\n2026-02-30,4\n');
    const { code, err } = run('anomaly', join(folder, 'mixed'), join(folder, 'mixed/out'));
    expect(code).toBe(1);
    expect(err).toContain('bad.csv:3: value is a number, not ""');
    expect(err).toContain('labels.csv:2: timestamp is a time such as 2026-11-22 09:00:00, not "red"');
    expect(err).toContain('when.csv:3: timestamp is a time');
    expect(err).toContain('large.csv:3: value is a number, not "1e400"');
    expect(err).toContain('1 of 5 files were scored.');
    expect(existsSync(join(folder, 'mixed/out/good.csv'))).toBe(true);
    expect(existsSync(join(folder, 'mixed/out/bad.csv'))).toBe(false);
  });

  test('the command line', () => {
    expect(run('anomaly', folder)).toMatchObject({ code: 2, err: expect.stringContaining('IN_FOLDER OUT_FOLDER') });
    expect(run('anomaly', join(folder, 'none'), folder)).toMatchObject({
      code: 1,
      err: expect.stringContaining('ENOENT'),
    });
    expect(run('anomaly', join(folder, 'in'), join(folder, 'in'))).toMatchObject({ code: 2 });
    expect(run('anomaly', folder, folder, folder)).toMatchObject({
      code: 2,
      err: expect.stringContaining('one too many'),
    });
  });
});

describe('decompose', () => {
  const days = Array.from({ length: 70 }, (_, row) => ({
    stamp: new Date(Date.UTC(2026, 0, 5) + row * 86_400_000).toISOString().slice(0, 10),
    value: [9, 9, 10, 9, 8, 3, 2][row % 7]! + row,
  }));
  const text = (rows: typeof days) => `day,value\n${rows.map(({ stamp, value }) => `${stamp},${value}`).join('\n')}\n`;
  type Parts = {
    enough: boolean;
    period: number;
    reason?: string;
    rows: { value: number; trend: number; season: number; remainder: number }[];
  };

  test('finds the week, and the parts add up', () => {
    const { period, rows } = answer<Parts>(text(days), 'decompose');
    expect({ period, rows: rows.length }).toEqual({ period: 7, rows: 70 });
    for (const { value, trend, season, remainder } of rows) expect(trend + season + remainder).toBe(value);
    expect(rows[20]!.season - rows[15]!.season).toBeCloseTo(2 - 9, 1);
    expect(lab(text(days), 'decompose').out).toContain('70 rows, season of 7 (found)');
    expect(lab(text(days), 'decompose').out).toContain('30 more rows: use --json.');
  });

  test('missing rows are told and not answered', () => {
    const { code, err, out } = lab(text(days.filter((_, row) => row !== 30)), 'decompose', '--period', '7', '--json');
    expect({ code, err }).toEqual({
      code: 0,
      err: 'standard input: 1 missing rows were filled in between for the fit.\n',
    });
    expect((JSON.parse(out) as Parts).rows).toHaveLength(69);
  });

  test('too little, a wrong row and a wrong flag', () => {
    expect(answer<Parts>(text(days.slice(0, 12)), 'decompose', '--period', '7')).toMatchObject({
      enough: false,
      reason: expect.stringContaining('two seasons'),
    });
    expect(lab('day,value\n2026-01-05,1\n2026-01-06,x\n', 'decompose')).toEqual(
      refused(':3: value is a number, not "x".'),
    );
    expect(lab(text(days), 'decompose', '--period', '1').code).toBe(2);
    expect(lab(text(days), 'decompose', '--seasons', '8').code).toBe(2);
  });
});
