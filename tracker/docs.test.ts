import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { eventOperations, serverEvent } from '#src/measure/events/server.ts';

/** The documented snippets name what really exists, so that nobody copies an attribute that does nothing. */
const docs = readFileSync('docs/tracking.md', 'utf8');
const tracker = readFileSync('tracker/tracker.ts', 'utf8');
const blocks = [...docs.matchAll(/```(\w+)\n([\s\S]*?)```/g)].map(([, language = '', code = '']) => ({
  language,
  code,
}));

/** `data-app` on the script is `options.app`. */
const known = new Set([...tracker.matchAll(/options\.(\w+)/g)].map(([, name]) => `data-${name}`));

describe('docs/tracking.md', () => {
  test('names every option of the script, and no other', () => {
    const table = docs.slice(docs.indexOf('## Options on the script'), docs.indexOf('## Events of your own'));
    const listed = [...table.matchAll(/^\| `(data-[a-z]+)`/gm)].map(([, name]) => name);
    expect(listed.toSorted()).toEqual([...known].toSorted());
    const used = [...docs.matchAll(/\bdata-(?!fanfare)[a-z]+/g)].map(([name]) => name);
    expect(used.filter((name) => !known.has(name))).toEqual([]);
  });

  test('puts the same script and key into every snippet', () => {
    const lines = blocks.flatMap(({ code }) => code.split('\n').filter((line) => /hello\.js.*data-app/.test(line)));
    expect(lines.length).toBeGreaterThanOrEqual(7);
    for (const line of lines) {
      expect(line).toContain('https://fanfare.example/hello.js');
      expect(line).toMatch(/data-app.{1,6}0123456789abcdef0123/);
      expect(line).toContain('defer');
    }
  });

  test('says what elements say in the tracker’s words', () => {
    const named = new Set([...docs.matchAll(/\bdata-fanfare-([a-z-]+)/g)].map(([, name]) => name));
    for (const name of ['event', 'amount', 'currency']) expect(named).toContain(name);
    expect(tracker).toContain('fanfareEvent');
    expect(tracker).toMatch(/\{ amount, currency, \.\.\.others \}/);
  });

  test('calls only what the script offers', () => {
    const calls = blocks
      .filter(({ language }) => language === 'js')
      .flatMap(({ code }) => code.match(/fanfare\.\w+\(/g) ?? []);
    expect(new Set(calls)).toEqual(new Set(['fanfare.consent(']));
    expect(tracker).toContain('fanfare.consent = consent');
  });

  test('sends what the server takes, to where it takes it', () => {
    const paths = Object.values(eventOperations).map((one) => one['~orpc'].route.path);
    expect(paths).toEqual(['/events', '/events/batch']);
    const bodies = blocks.flatMap(({ code }) =>
      [...code.matchAll(/(\{"appId":.*\]\})/g)].map(([, body]) => body ?? ''),
    );
    expect(bodies).toHaveLength(2);
    for (const body of bodies)
      expect(JSON.parse(body).events.map((one: unknown) => serverEvent.safeParse(one).success)).toEqual([true]);
    const table = docs.slice(docs.indexOf('| field | |'), docs.indexOf('```sh'));
    const fields = [...table.matchAll(/`([a-zA-Z]+)`(?=[ ,].*\|)/g)].map(([, name]) => name);
    const taken = Object.keys(serverEvent.shape);
    expect(taken.filter((name) => !fields.includes(name))).toEqual([]);
    const examples = blocks.filter(({ code }) => code.includes('/api/v1/events'));
    expect(examples.map(({ language }) => language)).toEqual(['sh', 'js', 'python', 'php', 'ruby', 'go']);
  });

  test('its JSON can be read', () => {
    for (const { language, code } of blocks) if (language === 'json') expect(() => JSON.parse(code)).not.toThrow();
  });
});
