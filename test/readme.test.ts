import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { settings } from '#src/config.ts';

const written = existsSync('README.md');

describe(written ? 'the README' : 'the README (skipped: README.md is not there)', () => {
  test.skipIf(!written)('its table of settings names variables of src/config.ts, each once', () => {
    const named = [...readFileSync('README.md', 'utf8').matchAll(/^\| `([A-Z][A-Z0-9_]*)` \|/gm)].map(
      (match) => match[1] ?? '',
    );
    const known = Object.values(settings).flatMap((variables) => Object.keys(variables));
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
    expect(new Set(named).size).toBe(named.length);
  });
});
