import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import twitter from 'twitter-text';
import { describe, expect, it } from 'vitest';
import { analyseBuiltIn } from '#src/understand/builtin/index.ts';
import { readPage } from '#src/understand/reading.ts';
import type { Draft, FactForWriting, WeekToWrite } from './index.ts';
import {
  builtInTemplates,
  findUnsupportedNumbers,
  resemblance,
  reworded,
  templateKinds,
  tooAlike,
  writeWeek,
} from './index.ts';

function measure(text: string) {
  const { weightedLength, valid } = twitter.parseTweet(text);
  return { length: weightedLength, valid };
}

const read = new Map<string, ReturnType<typeof analyseBuiltIn>>();

function foundIn(name: string, url: string) {
  const page = () => readPage(readFileSync(`test/pages/analysis-${name}.html`, 'utf8'), url);
  const found = read.get(name) ?? analyseBuiltIn([page()]);
  read.set(name, found);
  return found;
}

function weekOf(name: string, url: string, more: Partial<WeekToWrite> = {}): WeekToWrite {
  const found = foundIn(name, url);
  const facts: FactForWriting[] = found.facts.map(({ kind, statement, quote }, at) => ({
    id: `fact-${at}`,
    kind,
    statement,
    quote,
  }));
  const app = { name: found.profile.name.value, url, tagline: found.profile.tagline?.value ?? null };
  return {
    app,
    facts,
    templates: builtInTemplates,
    objective: 'awareness',
    count: 7,
    measure,
    seed: 1,
    avoid: [],
    ...more,
  };
}

const apps = [
  ['saas', 'https://patchpay.com/'],
  ['devtool', 'https://burrow.sh/'],
  ['mobile', 'https://fernly.app/'],
] as const;

function check(draft: Draft, week: WeekToWrite) {
  for (const part of draft.parts) {
    expect(measure(part), part).toMatchObject({ valid: true });
    expect(part).not.toMatch(/\{\{|—|undefined|null|\s{3,}\S* |\.\.(?!\.)/);
    expect(part).toBe(part.trim());
  }
  expect(draft.parts.at(-1)).toContain(week.app.url);
  expect(draft.parts.slice(0, -1).join()).not.toContain(week.app.url);
  expect(draft.unsupported).toEqual([]);
  for (const claim of draft.claims) {
    expect(draft.parts[claim.part]?.slice(claim.start, claim.end)).toBe(claim.text);
    expect(week.facts.some(({ id }) => id === claim.factId)).toBe(true);
  }
}

describe('the templates', () => {
  it('are at least two of each kind, and sound like a person', () => {
    for (const kind of templateKinds)
      expect(builtInTemplates.filter((template) => template.kind === kind).length, kind).toBeGreaterThanOrEqual(2);
    for (const { parts, variables, wordings } of builtInTemplates) {
      const all = [...parts, ...wordings.flatMap((one) => [one.title, ...one.parts])];
      expect(parts.join('\n')).not.toMatch(/[!—#]|\b(excited|thrilled|game.?chang|revolution|unlock|supercharge)/i);
      expect(parts.join('\n').match(/\{\{link\}\}/g)).toHaveLength(1);
      expect(parts.at(-1)).toContain('{{link}}');
      const named = new Set([...all.join('\n').matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]));
      expect(new Set(variables.map(({ name }) => name))).toEqual(named);
    }
    expect(new Set(builtInTemplates.map(({ name }) => name)).size).toBe(builtInTemplates.length);
  });
});

describe('the words for single platforms', () => {
  it('are there for the long and the talkative ones, with one link at the end, and no headline needs more facts', () => {
    const names = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]);
    for (const { name, parts, variables, wordings } of builtInTemplates) {
      const platforms = wordings.map(({ platform }) => platform);
      expect(platforms, name).toEqual(
        expect.arrayContaining(['linkedin', 'reddit', 'devto', 'hashnode', 'newsletter', 'slack']),
      );
      for (const { platform, title, parts: texts } of wordings) {
        const [text = ''] = texts;
        expect(text).not.toMatch(/[!—]|\b(excited|thrilled|game.?chang|revolution|unlock|supercharge)/i);
        expect(text.match(/\{\{link\}\}/g), `${name} ${platform}`).toHaveLength(1);
        expect(text.endsWith('{{link}}'), `${name} ${platform}`).toBe(true);
        expect(variables.map((one) => one.name)).toEqual(expect.arrayContaining(names(text)));
        expect(['app', ...names(parts.join())], title).toEqual(expect.arrayContaining(names(title)));
        expect(title !== '', `${name} ${platform}`).toBe(/reddit|devto|hashnode|newsletter/.test(platform));
      }
    }
  });

  it.each(apps)('say what the draft says, whole: %s', (name, url) => {
    const week = weekOf(name, url, { count: 30 });
    const given = { app: week.app, facts: week.facts, measure: () => ({ valid: true }) };
    for (const draft of writeWeek(week)) {
      const template = builtInTemplates.find((one) => one.name === draft.templateName)!;
      for (const { platform } of template.wordings) {
        const said = reworded(draft, template, platform, given);
        expect(said, `${template.name} ${platform}`).not.toBeNull();
        const [text = ''] = said!.parts;
        expect(text).not.toMatch(/\{\{|undefined|\n{3}|\.\.(?!\.)|(^|\n)- *(\n|$)/);
        for (const { start, end, text: words } of said!.claims) expect(text.slice(start, end)).toBe(words);
        const told = new Set(said!.claims.map((claim) => claim.factId));
        expect(draft.claims.some((claim) => told.has(claim.factId))).toBe(true);
      }
    }
  });
});

describe('a week of drafts', () => {
  it.each(apps)('fits, varies and stays with the facts: %s', (name, url) => {
    for (const objective of ['awareness', 'engagement', 'conversions', 'something else'])
      for (let seed = 0; seed < 8; seed++) {
        const week = weekOf(name, url, { objective, seed });
        const drafts = writeWeek(week);
        expect(drafts).toHaveLength(7);
        expect(new Set(drafts.map(({ kind }) => kind)).size).toBeGreaterThanOrEqual(6);
        for (const draft of drafts) check(draft, week);
        const texts = drafts.map(({ parts }) => parts.join('\n'));
        for (const [at, text] of texts.entries())
          for (const other of texts.slice(at + 1)) expect(resemblance(text, other)).toBeLessThan(tooAlike);
      }
  });

  it('is the same for the same seed, and another for another', () => {
    const week = weekOf('saas', 'https://patchpay.com/');
    expect(writeWeek(week)).toEqual(writeWeek(week));
    expect(writeWeek({ ...week, seed: 2 })).not.toEqual(writeWeek(week));
  });

  it('is not the one of last week', () => {
    const week = weekOf('saas', 'https://patchpay.com/');
    const first = writeWeek(week).map(({ parts }) => parts.join('\n'));
    const second = writeWeek({ ...week, avoid: first }).map(({ parts }) => parts.join('\n'));
    expect(second.length).toBeGreaterThanOrEqual(3);
    for (const text of second) for (const old of first) expect(resemblance(text, old)).toBeLessThan(tooAlike);
  });

  it('answers a problem with what speaks of it', () => {
    const week = weekOf('devtool', 'https://burrow.sh/', {
      templates: builtInTemplates.filter(({ name }) => name === 'Problem and answer'),
    });
    const [draft] = writeWeek(week);
    expect(draft?.parts[0]).toMatch(
      /send the same event again[\s\S]*send it again until|redeploying[\s\S]*last 500 requests/,
    );
  });

  it('leaves a customer’s words as they are', () => {
    const week = weekOf('saas', 'https://patchpay.com/', {
      templates: builtInTemplates.filter(({ name }) => name === 'In their words'),
    });
    expect(writeWeek(week)[0]?.parts[0]).toMatch(
      /^“(Setup took me less time than making coffee\.|Patchpay paid .*)”\n\n(Jon Osei|Mara Lindqvist), about Patchpay\./,
    );
  });

  it('is short when there is little to say, and empty when there is nothing', () => {
    const facts: FactForWriting[] = [
      { id: 'a', kind: 'feature', statement: 'Dark mode: It is easy on the eyes.', quote: 'It is easy on the eyes.' },
    ];
    const drafts = writeWeek(weekOf('saas', 'https://patchpay.com/', { facts }));
    expect(drafts.length).toBeGreaterThan(0);
    expect(drafts.length).toBeLessThan(5);
    expect(writeWeek(weekOf('saas', 'https://patchpay.com/', { facts: [] }))).toEqual([]);
  });

  it('survives facts of any words', () => {
    const base = weekOf('saas', 'https://patchpay.com/');
    const fact = fc.record({
      id: fc.uuid(),
      kind: fc.constantFrom(
        'feature' as const,
        'pain_point' as const,
        'value_proposition' as const,
        'selling_point' as const,
        'pricing' as const,
        'testimonial' as const,
      ),
      statement: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 }),
      quote: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 }),
    });
    fc.assert(
      fc.property(fc.array(fact, { maxLength: 12 }), fc.nat(), (facts, seed) => {
        for (const draft of writeWeek({ ...base, facts, seed }))
          for (const claim of draft.claims)
            expect(draft.parts[claim.part]?.slice(claim.start, claim.end)).toBe(claim.text);
      }),
      { numRuns: 60 },
    );
  });
});

describe('numbers', () => {
  const facts = [
    { statement: 'It is used by 1,240 teams and recovers 38% of payments.', quote: 'from $19/month, in ten minutes' },
  ];

  it.each([
    'It recovers 38% of payments for 1240 teams.',
    '1.24k teams pay $19 a month.',
    'Set up in ten minutes.',
    '1. First\n2/3 Second\nThree things that help. https://a.co/99 @team42 {{price_2}}',
    'One person, one product.',
  ])('with a fact behind them pass: %s', (text) => expect(findUnsupportedNumbers(text, facts)).toEqual([]));

  it.each([
    ['It recovers 40% of payments.', ['40%']],
    ['38 teams use it.', ['38']],
    ['For 19 teams, 5x faster', ['19', '5x']],
    ['Only €19', ['€19']],
    ['Thousands of teams, twenty minutes', ['Thousands', 'twenty minutes']],
    ['Since 2019', ['2019']],
  ])('without one are named: %s', (text, expected) => {
    const found = findUnsupportedNumbers(text, facts);
    expect(found.map((number) => number.text)).toEqual(expected);
    for (const number of found) expect(text.slice(number.index, number.index + number.text.length)).toBe(number.text);
  });

  it('are found in any text where they stand', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        for (const number of findUnsupportedNumbers(text, [])) expect(text.slice(number.index)).toContain(number.text);
      }),
    );
  });
});

describe('resemblance', () => {
  it('sees through links, case and punctuation', () => {
    expect(
      resemblance('Stop guessing, start asking. https://a.co/1', 'stop guessing start asking https://b.co/2'),
    ).toBe(1);
    expect(resemblance('Stop guessing what to build next.', 'I planted tomatoes on the balcony.')).toBe(0);
    expect(resemblance('', '')).toBe(1);
  });

  it('is symmetric and between 0 and 1', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (a, b) => {
        const alike = resemblance(a, b);
        expect(alike).toBe(resemblance(b, a));
        expect(alike >= 0 && alike <= 1).toBe(true);
        expect(resemblance(a, a)).toBe(1);
      }),
    );
  });
});
