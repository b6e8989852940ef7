import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runLab } from './lab.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fanfare-diff-'));
  const page = (price: string, users: string) =>
    `<h1>Invoices</h1><div><div class="plan"><h3>Pro</h3><p>${price}</p></div><div class="plan"><h3>Team</h3><p>$29/mo</p></div></div><p>${users} teams use it</p>`;
  await writeFile(join(folder, 'old.html'), page('$9/mo', '1,204'));
  await writeFile(join(folder, 'counted.html'), page('$9/mo', '1,311'));
  await writeFile(join(folder, 'new.html'), page('$12/mo', '1,311'));
  await writeFile(join(folder, 'error.html'), '<h1>404 Not found</h1>');
});
afterAll(() => rm(folder, { recursive: true }));

function diff(...words: string[]): { code: number; out: string; err: string } {
  let out = '';
  let err = '';
  const names = words.map((word) => word.replaceAll(/\w+\.html/g, (name) => join(folder, name)));
  const code = runLab(['diff', ...names], {
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

test('a change is a line with its sentence, and JSON with before and after', () => {
  expect(diff('old.html', 'new.html').out).toContain('Pro costs $12 per month instead of $9 per month (+33.3 %).');
  expect(JSON.parse(diff('old.html', 'new.html', '--json').out)).toMatchObject({
    changes: [
      {
        kind: 'price',
        severity: 'high',
        before: '$9 per month',
        after: '$12 per month',
        plan: 'Pro',
        from: { amount: '9', currency: 'USD', interval: 'month' },
        to: { amount: '12' },
        percent: 33.3,
      },
    ],
    unusable: null,
  });
});

test('noise alone is said to be noise, an error page to be one', () => {
  expect(diff('old.html', 'counted.html')).toMatchObject({
    code: 0,
    out: 'No change that matters (1 line of noise left out).\n',
  });
  expect(diff('old.html', 'error.html').out).toContain('says that it does not exist');
});

test('with later readings a change has to be confirmed', () => {
  expect(diff('old.html', 'new.html', '--later', 'old.html').out).toContain('No change that matters');
  expect(diff('old.html', 'new.html', '--later', 'new.html').out).toContain('Pro costs $12');
});

test('one file, or one that is not there, is refused', () => {
  expect(diff('old.html')).toMatchObject({ code: 2 });
  expect(diff('old.html', 'missing.html')).toMatchObject({ code: 1, err: expect.stringContaining('cannot be read') });
});
