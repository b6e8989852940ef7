import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answer, lab, refused } from '#test/lab.ts';
import { published } from '#test/published.ts';

describe('mrr', () => {
  const cases = published('mrr/cases.json');
  test.skipIf(cases === null)('the published cases as they are (skipped where shared/data is absent)', () => {
    type Step = { movement: string; amount: number; mrr_after: number };
    type Case = { id: string; expected?: { mrr: number; arr?: number }; steps?: Step[] };
    const all: Case[] = JSON.parse(cases ?? '{}').cases;
    const found = answer<{ cases: (Case & { mrr: number })[] }>(cases ?? '', 'mrr').cases;
    for (const [index, { id, expected, steps }] of all.entries()) {
      expect(found[index]).toMatchObject({ id, ...expected });
      for (const [i, { movement, amount, mrr_after }] of (steps ?? []).entries()) {
        expect(found[index]?.steps?.[i]).toMatchObject({ movement, amount, mrr_after });
      }
    }
  });

  test('the life of two customers, month by month', () => {
    const events = [
      { customer: 'ada', at: '2026-01-05', quantity: 4, amount: 500, interval: 'year', segment: 'eu' },
      { customer: 'ada', subscription: 'extra', at: '2026-02-01', quantity: 2, amount: '30.00', interval: 'month' },
      { customer: 'ada', subscription: 'extra', at: '2026-02-20', status: 'canceled' },
      {
        customer: 'bo',
        at: '2026-02-03',
        amount: 20,
        interval: 'month',
        discount: { percent: 50, until: '2026-04-03' },
      },
      { customer: 'ada', at: '2026-03-10', event: 'cancelled' },
      { customer: 'ada', at: '2026-05-01', event: 'reactivated', quantity: 3, amount: 50, interval: 'month' },
    ];
    type Answer = {
      mrr: number;
      arr: number;
      movements: Record<string, unknown>[];
      months: Record<string, unknown>[];
      segments: unknown[];
      checks: Record<string, boolean>;
    };
    const { mrr, arr, movements, months, segments, checks } = answer<Answer>(
      JSON.stringify({ events: events.toReversed() }),
      'mrr',
    );
    expect({ mrr, arr }).toEqual({ mrr: 170, arr: 2040 });
    expect(movements.map(({ customer, movement, amount, mrr: after }) => [customer, movement, amount, after])).toEqual([
      ['ada', 'new_business', 166.67, 166.67],
      ['ada', 'expansion', 60, 226.67],
      ['bo', 'new_business', 10, 236.67],
      ['ada', 'contraction', -60, 176.67],
      ['ada', 'churn', -166.67, 10],
      ['bo', 'expansion', 10, 20],
      ['ada', 'reactivation', 150, 170],
    ]);
    expect(months.map(({ month, opening, closing }) => [month, opening, closing])).toEqual([
      ['2026-01', 0, 166.67],
      ['2026-02', 166.67, 176.67],
      ['2026-03', 176.67, 10],
      ['2026-04', 10, 20],
      ['2026-05', 20, 170],
    ]);
    // Ada's further subscription came and went within February.
    expect(months[1]).toMatchObject({ new: 10, expansion: 0, contraction: 0, grossRetention: 1 });
    expect(segments).toHaveLength(1);
    expect(Object.values(checks)).toEqual(Object.values(checks).map(() => true));
    const daily = answer<{ days: { closing: number }[] }>(JSON.stringify(events), 'mrr', '--grain', 'day');
    expect(daily.days.at(-1)?.closing).toBe(170);
  });

  test('rows of customer, month and MRR will do', () => {
    const rows = [
      { customer: 'a', month: '2026-01', mrr: 50 },
      { customer: 'a', month: '2026-02', mrr: 40.5 },
      { customer: 'a', month: '2026-03', mrr: 0 },
      { customer: 'a', month: '2026-05', mrr: 60 },
    ];
    const { movements } = answer<{ movements: { movement: string; amount: number }[] }>(JSON.stringify(rows), 'mrr');
    expect(movements.map(({ movement, amount }) => [movement, amount])).toEqual([
      ['new_business', 50],
      ['contraction', -9.5],
      ['churn', -40.5],
      ['reactivation', 60],
    ]);
  });

  test('any history closes to the cent', () => {
    const event = fc.record({
      customer: fc.constantFrom('a', 'b', 'c'),
      subscription: fc.constantFrom('1', '2'),
      at: fc
        .date({ min: new Date('2026-01-01'), max: new Date('2026-12-31'), noInvalidDate: true })
        .map((at) => at.toISOString()),
      quantity: fc.nat(9),
      amount: fc.integer({ min: 0, max: 99_999 }).map((cents) => cents / 100),
      interval: fc.constantFrom('month', 'year', 'week', 'day'),
      status: fc.constantFrom('active', 'active', 'canceled', 'trialing', 'past_due', 'paused'),
    });
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 25 }), (events) => {
        const { checks } = answer<{ checks: Record<string, boolean> }>(JSON.stringify(events), 'mrr');
        expect(Object.values(checks)).toEqual(Object.values(checks).map(() => true));
      }),
      { numRuns: 60 },
    );
  });

  test.each([
    [
      '[\n {"customer": "a", "at": "2026-01-01", "amount": 5, "interval": "month"},\n {"customer": "a", "at": "soon"}\n]',
      ':3: [1].at: a date such as',
    ],
    [
      '{"events": [{"customer": "a", "at": "2026-01-01"}]}',
      ':1: events[0]: the first event of a subscription needs "amount" and "interval".',
    ],
    ['{"events": [\n{"at": "2026-01-01"}]}', ':2: events[0]: "customer" is needed.'],
    [
      '{"events": [\n{"customer": "a", "at": "2026-01-01", "status": "odd"}]}',
      ':2: events[0].status: "odd" is no status',
    ],
    ['[{"n": 1, "amount": 5, "interval": "fortnight"}]', ':1: [0]: "interval" is day, week, month or year'],
    ['[{"n": 1, "amount": 5, "interval": "month"}', ':1: no JSON'],
    ['{"plans": {}, "steps": [\n{"event": "dances"}]}', ':2: steps[0]: this step is not understood'],
  ])('%j is refused with its line', (text, message) => {
    const { code, err } = lab(text, 'mrr');
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining(`standard input${message}`) });
  });
});

describe('funnel', () => {
  const file = published('funnel/window_funnel.json');
  test.skipIf(file === null)('the published file as it is (skipped where shared/data is absent)', () => {
    const { cases } = JSON.parse(file ?? '{}') as { cases: [string, number, string, string[], number][] };
    const found = answer<{ cases: { depth: number }[] }>(file ?? '', 'funnel').cases;
    expect(found.map(({ depth }) => depth)).toEqual(cases.map(([, , , , depth]) => depth));
  });

  test('one visitor, several, and a list of questions', () => {
    const steps = ['visit', 'signup', 'pay'];
    const one = {
      steps,
      window: 10,
      events: [
        [0, 'visit'],
        [5, 'signup'],
        [30, 'pay'],
      ],
    };
    expect(answer(JSON.stringify(one), 'funnel')).toEqual({ mode: 'default', depth: 2, times: [0, 5] });
    expect(answer(JSON.stringify([one, { ...one, window: 30 }]), 'funnel')).toMatchObject({
      cases: [{ depth: 2 }, { depth: 3 }],
    });
    const many = {
      steps,
      window: 10,
      mode: ['strict_order', 'strict_increase'],
      events: [
        [0, 'visit', 'a'],
        [1, 'visit', 'b'],
        [2, 'signup', 'b'],
      ],
    };
    expect(answer(JSON.stringify(many), 'funnel')).toEqual({
      mode: 'strict_order,strict_increase',
      visitors: 2,
      steps,
      reached: [2, 1, 0],
      depths: { a: 1, b: 2 },
    });
  });

  test.each([
    [
      '{"steps": ["a"], "window": 1, "events": [\n[0, "a"],\n["b", 1]]}',
      ':3: events[1]: an event needs a time, as a number.',
    ],
    ['{"steps": [], "window": 1, "events": []}', ':1: steps: steps are a list of at least one name.'],
    ['{"steps": ["a"], "window": -1, "events": []}', ':1: window: a window is a number from zero.'],
    ['{"steps": ["a"], "window": 1, "mode": "loose", "events": []}', ':1: mode: a mode is one of'],
    ['{"sets": {}, "cases": [\n["A", 1, "default", ["a"]]]}', ':2: cases[0]: there is no set "A".'],
  ])('%j is refused with its line', (text, message) => {
    const { code, err } = lab(text, 'funnel');
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining(`standard input${message}`) });
  });
});

describe('bots, referrers, best time', () => {
  test('user agents in lists, objects, named lists and lines', () => {
    const google = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)';
    const safari =
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15';
    const verdicts = (text: string) =>
      answer<{ verdicts: { verdict: string; name: string | null }[] }>(text, 'bots').verdicts.map(
        ({ verdict, name }) => [verdict, name],
      );
    const expected = [
      ['bot', 'Googlebot'],
      ['human', null],
    ];
    expect(verdicts(JSON.stringify([google, { ua: safari }]))).toEqual(expected);
    expect(verdicts(JSON.stringify({ bots: [google], humans: [safari] }))).toEqual(expected);
    expect(verdicts(`${JSON.stringify(google)}\n${JSON.stringify({ ua: safari })}\n`)).toEqual(expected);
    expect(lab('["a",\n 5]', 'bots')).toEqual(refused(':2: [1]: a user agent is a text, or an object with "ua".'));
    expect(lab('["a"]\n[', 'bots')).toEqual(refused(':2: no JSON: Unexpected end of JSON input.'));
  });

  const tests = published('referrers/tests.json');
  test.skipIf(tests === null)('the published referrers (skipped where shared/data is absent)', () => {
    const expected: { medium: string; source: string; term: string | null }[] = JSON.parse(tests ?? '[]');
    const found = answer<{ referrers: unknown[] }>(tests ?? '', 'referrers').referrers;
    expect(found).toMatchObject(expected.map(({ medium, source, term }) => ({ medium, source, term, known: true })));
  });

  test('pages of the same host, tags, the unknown and the absent', () => {
    const rows = [
      { uri: 'https://app.example/pricing', page: 'https://app.example/' },
      { uri: 'https://t.co/x', page: 'https://app.example/?utm_source=weekly&utm_medium=email' },
      'https://blog.nobody-knows.example/post',
      null,
    ];
    expect(answer<{ referrers: unknown[] }>(JSON.stringify(rows), 'referrers').referrers).toMatchObject([
      { medium: 'internal', source: null },
      { medium: 'email', source: 'weekly' },
      { medium: 'unknown', source: 'blog.nobody-knows.example', known: false, analyticsMedium: 'referral' },
      { medium: 'unknown', source: null, channel: 'Direct' },
    ]);
    expect(lab('[\n1]', 'referrers')).toEqual(
      refused(':2: [0]: a referrer is a text, or an object with "uri" and "page".'),
    );
  });

  test('best time: three slots, none, or not enough', () => {
    const noise = (i: number) => 8 + ((i * 37) % 9);
    const flat = Array.from({ length: 200 }, (_, i) => [(i * 29) % 168, noise(i * i)]);
    expect(answer(JSON.stringify(flat), 'best-time')).toMatchObject({ verdict: 'none', slots: [] });
    const peak = [
      ...flat,
      ...Array.from({ length: 30 }, (_, i) => ({ hour: 33, engagement: 50 + noise(i) + i / 100 })),
    ];
    expect(answer(JSON.stringify(peak), 'best-time')).toMatchObject({
      verdict: 'best',
      slots: [{ name: 'Tuesday 09:00', hour: 33 }, {}, {}],
    });
    expect(lab(JSON.stringify(flat.slice(0, 29)), 'best-time')).toMatchObject({
      code: 0,
      out: expect.stringContaining('29 of the 30'),
    });
    expect(lab('[[0, 1],\n[168, 1]]', 'best-time')).toEqual(
      refused(':2: [1]: an hour of the week is a whole number from 0 to 167, not 168.'),
    );
    expect(lab('[[0, null]]', 'best-time')).toEqual(refused(':1: [0]: engagement is a number from zero, not null.'));
  });
});
