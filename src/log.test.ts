import { expect, test } from 'vitest';
import { openLog } from '#src/log.ts';

test('what is secret of a record, and the row that PostgreSQL repeats of a failed statement, is left out', () => {
  let said = '';
  const log = openLog('info', {
    write: (line: string) => {
      said += line;
    },
  });
  const failed = Object.assign(new Error('new row violates a check'), {
    code: '23514',
    detail: 'Failing row contains (sk-of-somebody).',
    where: 'SQL function "f" statement 1: sk-of-somebody',
    internalQuery: 'select sk-of-somebody',
  });
  log.error({ err: failed, grant: { token: 'sk-of-somebody', handle: 'maya' } }, 'It failed');
  expect(said).toContain('new row violates a check');
  expect(said).toContain('"code":"23514"');
  expect(said).toContain('maya');
  expect(said).not.toContain('sk-of-somebody');
});
