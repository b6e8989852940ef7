import fc from 'fast-check';
import Papa from 'papaparse';
import { expect, test } from 'vitest';
import { csvOf } from './file.ts';

test('a spreadsheet reads back every cell, and none of them as a formula', () => {
  expect(
    csvOf({
      columns: ['page', 'visits'],
      rows: [
        ['=HYPERLINK("x")', -3],
        ['a,b', null],
      ],
    }),
  ).toBe('\uFEFFpage,visits\r\n"\'=HYPERLINK(""x"")",-3\r\n"a,b",\r\n');
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.string(), fc.string({ minLength: 1 })), { minLength: 1 }), (rows) => {
      const text = csvOf({ columns: ['one', 'two'], rows });
      const read = Papa.parse<string[]>(text.replace('\uFEFF', ''), { newline: '\r\n', delimiter: ',' }).data.slice(
        1,
        -1,
      );
      expect(read.map((row) => row.map((cell) => cell.replace(/^'(?=[=+\-@\t\r\n])/, '')))).toEqual(
        rows.map((row) => row.map((cell) => cell.replace(/^'(?=[=+\-@\t\r\n])/, ''))),
      );
      for (const cell of read.flat()) expect(cell).not.toMatch(/^[=+\-@\t\r\n]/);
    }),
  );
});
