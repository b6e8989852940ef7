import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CsvRow, columns, joinParts, readCsv, splitParts, writeCsv } from './csv.ts';
import { cellsOf, momentOfCells } from './moments.ts';

const cell = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.string({
    unit: fc.constantFrom('a', '"', ',', ';', '\n', '\t', "'", '=', '@', '-', '+', ' ', '\\'),
    maxLength: 30,
  }),
);
const row = fc.record(Object.fromEntries(columns.map((column) => [column, cell])) as Record<keyof CsvRow, typeof cell>);

test('whatever is written is read back as it was, and no cell is a formula', () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 8 }), (rows) => {
      const csv = writeCsv(rows as CsvRow[]);
      const filled = rows.filter((one) => Object.values(one).some((text) => text.trim() !== ''));
      const read = readCsv(csv);
      expect(read.problems).toEqual([]);
      expect(read.rows.map((one) => one.row)).toEqual(filled);
    }),
    { numRuns: 500 },
  );
  const [, line] = writeCsv([{ ...blank(), text: '=HYPERLINK("http://evil")', title: '@SUM(1)' }]).split('\r\n');
  expect(line).toContain(`'@SUM(1)`);
  expect(line).toContain(`"'=HYPERLINK(""http://evil"")"`);
});

test('the parts of a thread are the parts that were joined', () => {
  const part = fc.string({ unit: fc.constantFrom('a', '-', '\n', '\\', ' '), maxLength: 20 });
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
      expect(splitParts(joinParts(parts))).toEqual(parts);
    }),
    { numRuns: 1000 },
  );
  expect(splitParts('One\r\n---  \r\nTwo')).toEqual(['One', 'Two']);
});

test('a moment is written so that the same moment is read, in every zone and hour', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...Intl.supportedValuesOf('timeZone')),
      fc.date({ min: new Date('2015-01-01'), max: new Date('2035-01-01'), noInvalidDate: true }),
      (zone, date) => {
        const at = new Date(Math.floor(date.getTime() / 1000) * 1000);
        expect(momentOfCells(cellsOf(at, zone), 'UTC')).toEqual({ at });
      },
    ),
    { numRuns: 500 },
  );
  const second = new Date('2026-11-01T06:30:00Z');
  expect(cellsOf(second, 'America/New_York').time).toBe('01:30-05:00');
});

test('semicolons, other names of columns and a byte order mark are understood; lines are those of the file', () => {
  const { rows, problems } = readCsv(
    '\uFEFFDate;Time;Time zone;Text;Colour\n\n2026-12-01;09:30;UTC;"Two\nlines"\n;;;Next;red\n',
  );
  expect(rows.map(({ line, row: { date, text } }) => [line, date, text])).toEqual([
    [3, '2026-12-01', 'Two\nlines'],
    [5, '', 'Next'],
  ]);
  expect(problems).toMatchObject([{ line: 1, reason: expect.stringContaining('no column “Colour”') }]);
});

test('what is no table is said', () => {
  expect(readCsv('').problems).toMatchObject([{ line: 1, reason: expect.stringContaining('empty') }]);
  expect(readCsv('date,time\n2026-12-01,09:30').problems).toMatchObject([{ column: 'text' }]);
  expect(readCsv('text\n"never closed').problems).toMatchObject([
    { line: 2, reason: expect.stringContaining('quotation') },
  ]);
});

function blank(): CsvRow {
  return Object.fromEntries(columns.map((column) => [column, ''])) as CsvRow;
}
