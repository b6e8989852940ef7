import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { variableNames } from '#src/config.ts';

const written = existsSync('README.md');

describe(written ? 'the README' : 'the README (skipped: README.md is not there)', () => {
  test.skipIf(!written)('its table of settings is exactly the variables of src/config.ts, each once', () => {
    const named = [...readFileSync('README.md', 'utf8').matchAll(/^\| `([A-Z][A-Z0-9_]*)` \|/gm)].map(
      (match) => match[1] ?? '',
    );
    expect(named.toSorted()).toEqual(variableNames.toSorted());
  });
});
