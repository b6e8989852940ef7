import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pairs } from '#test/page-pairs/pairs.ts';
import { type Change, comparePages, follow, readShape, remember } from './difference.ts';

const plan = (name: string, price: string, ...features: string[]) =>
  `<div class="plan"><h3>${name}</h3><p class="price">${price}</p><ul>${features.map((one) => `<li>${one}</li>`).join('')}</ul></div>`;
const page = (body: string, more = '') =>
  `<html lang="en"><head><title>Acme, invoices</title></head><body><main><h1>Invoices made easy</h1><p>The simplest way to be paid on time.</p>${more}<div class="plans">${body}</div></main></body></html>`;
const two = page(plan('Pro', '$9/mo', 'Up to 50 invoices') + plan('Team', '$29/mo', 'Unlimited invoices'));
const told = (before: string, after: string) =>
  comparePages(before, after).changes.map(({ what, severity, before, after }) => [what, severity, before, after]);

describe('two hundred made pairs of pages', () => {
  const all = pairs(200);
  test('noise alone is never told', () => {
    const quiet = all.filter(({ expected }) => expected.length === 0);
    expect(quiet.length).toBe(100);
    const alarms = quiet
      .map((pair) => ({ pair: pair.name, ...comparePages(pair.before, pair.after) }))
      .filter(({ changes, unusable }) => changes.length > 0 || unusable);
    expect(alarms).toEqual([]);
  });

  test('every seeded change is told, with its kind, before and after', () => {
    const bare = (text: string | null) => (text ?? '').replaceAll(',', '');
    const missed = all.flatMap(({ name, before, after, expected }) => {
      const { changes } = comparePages(before, after);
      const has = (one: (typeof expected)[number]) =>
        changes.some(
          (change) =>
            change.kind === one.kind &&
            bare(change.before).includes(bare(one.before)) &&
            bare(change.after).includes(bare(one.after)),
        );
      return expected.filter((one) => !has(one)).map((one) => ({ name, one }));
    });
    expect(missed).toEqual([]);
  });
});

describe('prices', () => {
  test.each([
    ['9 USD/mo', '9', 'USD', 'month'],
    ['€9,99 / Monat', '9.99', 'EUR', 'month'],
    ['1.299,00 € pro Jahr', '1299', 'EUR', 'year'],
    ['₹1,00,000/yr', '100000', 'INR', 'year'],
    ['CHF 9.- / Monat', '9', 'CHF', 'month'],
    ['<s>$29</s> $19<span>/month</span>', '19', 'USD', 'month'],
    ['Rs. 499 per month', '499', 'INR', 'month'],
    ['Free', '0', '', null],
    ['Contact us', null, '', null],
  ])('%s', (written, amount, currency, interval) => {
    const [first] = readShape(page(plan('Pro', written) + plan('Team', '$29/mo'))).plans;
    expect(first).toMatchObject({ name: 'Pro', offers: [{ amount, currency, interval }] });
  });

  test('seats, billing and the lowest of several are told apart', () => {
    const [first, second] = readShape(
      page(plan('Pro', '£8 per user/month billed annually') + plan('Team', 'from $29/mo')),
    ).plans;
    expect(first?.offers).toMatchObject([
      { amount: '8', currency: 'GBP', interval: 'month', billed: 'year', perSeat: true },
    ]);
    expect(second?.offers).toMatchObject([{ from: true }]);
  });

  test.each<[string, string, unknown[][]]>([
    ['$9/mo', '$12/mo', [['price', 'high', '$9 per month', '$12 per month']]],
    ['$9/mo', '$9/year', [['price', 'high', '$9 per month', '$9 per year']]],
    ['$9/mo', '£9/mo', [['price', 'high', '$9 per month', '£9 per month']]],
    ['$9/mo', 'Free', [['price', 'high', '$9 per month', 'free']]],
    ['$9/mo', '9 USD / month', []],
    ['$29/mo', 'Contact us', [['price', 'high', '$29 per month', 'on request']]],
    ['Team', 'Business', [['plan_renamed', 'medium', 'Team', 'Business']]],
    ['Up to 50', 'Up to 25', [['feature_changed', 'medium', 'Up to 50 invoices', 'Up to 25 invoices']]],
  ])('%s becomes %s', (before, after, changes) => {
    expect(told(two, two.replace(before, after))).toEqual(changes);
  });

  test('a change of price is a sentence with its percent, and its echo in the title is not told again', () => {
    const before = two.replace('Acme, invoices', 'Acme from $9/mo');
    const { changes } = comparePages(before, before.replaceAll('$9', '$12'));
    expect(changes).toMatchObject([
      { percent: 33.3, sentence: 'Pro costs $12 per month instead of $9 per month (+33.3 %).' },
    ]);
  });

  test('another language of the same page is no change', () => {
    const german = two
      .replace('lang="en"', 'lang="de"')
      .replace('Invoices made easy', 'Rechnungen leicht gemacht')
      .replace('$9/mo', '9 € / Monat')
      .replace('$29/mo', '29 € / Monat');
    expect(told(two, german)).toEqual([]);
  });
});

describe('what differs by day, by reader and by country', () => {
  const said = (text: string) => two.replace('</main>', `<p>${text}</p></main>`);
  test.each([
    ['Next webinar in 3 days', 'Next webinar in 2 days'],
    ['Next live demo: tomorrow at 10 am', 'Next live demo: today at 9 am'],
    ['Order by Thursday', 'Order by Monday'],
    ['Someone in Oslo upgraded 4 minutes ago', 'Someone in Rome upgraded 9 minutes ago'],
    ['Serving makers for 2,345 days', 'Serving makers for 2,346 days'],
    ['Trusted by 812 studios in 41 countries', 'Trusted by 815 studios in 42 countries'],
    ['Excellent 4.7 on Trustpilot, 210 reviewers', 'Excellent 4.6 on Trustpilot, 231 reviewers'],
    ['You are number 812 in line', 'You are number 907 in line'],
    ['$4.2M invoiced through Acme', '$4.3M invoiced through Acme'],
    ['99.98% uptime', '99.97% uptime'],
    ['Median response right now: 42 ms', 'Median response right now: 57 ms'],
    ['G2 Leader, Spring 2026', 'G2 Leader, Summer 2026'],
    ['We are hiring: 3 open positions', 'We are hiring: 5 open positions'],
    ['Latest version: 3.2.1', 'Latest version: 3.3'],
    ['Changed on 2026/03/04', 'Changed on 2026/03/05'],
    ['Call us: +1 555 010 2030', 'Call us: +44 20 7946 0958'],
    ['Write to [email&#160;protected]', 'Write to hello@acme.example'],
    ['Organise invoices by colour', 'Organize invoices by color'],
    ['About €8.31 at today’s rate', 'About €8.29 at today’s rate'],
    ['🇺🇸 English (US)', '🇩🇪 English (DE)'],
    ['', 'It looks like you are in Germany. Visit our German site?'],
    ['', '</p><h2>Your privacy choices</h2><p>We and our 812 partners store and access information on a device.'],
    ['</p><h2>Quote of the day</h2><p>Be bold.', '</p><h2>Quote of the day</h2><p>Be quick.'],
  ])('%s, %s: no change', (before, after) => {
    expect([...told(said(before), said(after)), ...told(said(after), said(before))]).toEqual([]);
  });

  test.each([
    ['Set up in 2 minutes', 'Set up in 5 minutes'],
    ['Speaks 30 languages', 'Speaks 40 languages'],
    ['Payouts in 41 countries', 'Payouts in 42 countries'],
    ['99.9% uptime', '99.99% uptime'],
    ['Releases every Friday', 'Releases every Monday'],
    ['Acme 3 is here', 'Acme 4 is here'],
  ])('%s, %s: a change', (before, after) => {
    expect(told(said(before), said(after))).toMatchObject([[expect.any(String), 'low', before, after]]);
  });

  test('one list of prices in two currencies is one list, as long as its prices keep their distance', () => {
    const priced = (pro: string, team: string) => two.replace('$9', pro).replace('$29', team);
    expect(told(two, priced('€8.50', '€27'))).toEqual([]);
    expect(told(two, priced('₹749', '₹2,399'))).toEqual([]);
    expect(told(two, priced('$9 (about €8.31)', '$29')).length + told(two, priced('US$9', 'US$29')).length).toBe(0);
    expect(told(two, priced('€12', '€27'))).toEqual([
      ['price', 'high', '$9 per month', '€12 per month'],
      ['price', 'high', '$29 per month', '€27 per month'],
    ]);
  });
});

test.each([
  ['<title>404 Not found</title><h1>Page not found</h1>', 'does not exist'],
  ['<title>Just a moment...</title><p>Checking your browser</p>', 'proof of being human'],
  ['<title>Sign in</title><h1>Sign in</h1><form><input type="password"></form>', 'login'],
  ['<title>acme.dev</title><h1>This domain is for sale</h1>', 'parked'],
  ['<h1>503 Service unavailable</h1>', 'maintenance'],
  ['<div id="root"></div><script src="/a.js"></script>', 'scripts'],
])('a page that is not the page changed nothing: %s', (html, why) => {
  expect(comparePages(two, html)).toMatchObject({ changes: [], unusable: expect.stringContaining(why) });
});

describe('over several readings', () => {
  const run = (...pages: string[]) => {
    let memory = remember(readShape(pages[0] ?? ''));
    return pages.slice(1).map((html) => {
      const step = follow(memory, readShape(html));
      memory = JSON.parse(JSON.stringify(step.memory));
      return step.told.map(({ before, after }: Change) => `${before} → ${after}`);
    });
  };
  const dearer = two.replace('$9', '$12');
  const headed = two.replace('made easy', 'without tears');
  const error = '<h1>503 Service unavailable</h1>';

  test('a change is told once, when the next reading confirms it', () => {
    expect(run(two, dearer, dearer, dearer)).toEqual([[], ['$9 per month → $12 per month'], []]);
    expect(run(two, error, dearer, error, dearer)).toEqual([[], [], [], ['$9 per month → $12 per month']]);
  });

  test('variants seen in turns are no change, until one stays', () => {
    expect(run(two, headed, two, headed, two).flat()).toEqual([]);
    expect(run(two, headed, two, headed, headed, headed, headed).flat()).toEqual([
      'Invoices made easy → Invoices without tears',
    ]);
  });

  test('two steps at once are told as one', () => {
    expect(run(two, dearer, two.replace('$9', '$15'), two.replace('$9', '$15')).flat()).toEqual([
      '$9 per month → $15 per month',
    ]);
  });
});

test('whatever the pages are, they are compared, and a page with itself is the same', () => {
  const html = fc.array(
    fc.constantFrom(
      '<div>',
      '</div>',
      '<table><tr><td>',
      '</table>',
      '<li>',
      '$9/mo',
      'Pro',
      '<h3>',
      '<p>',
      '1,299.00 €',
      ' and ',
      '</',
      '<s>',
      'Free',
      '<span class="price">',
    ),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(html, html, (one, other) => {
      comparePages(one.join(''), other.join(''));
      expect(comparePages(one.join(''), one.join('')).changes).toEqual([]);
    }),
    { numRuns: 200 },
  );
});

test('a page made to be slow is read in time that grows with its length', () => {
  const deep = '<div class="plan"><h3>Pro</h3><p>$9/mo</p>'.repeat(2_000);
  expect(comparePages(deep, deep).changes).toEqual([]);
});
