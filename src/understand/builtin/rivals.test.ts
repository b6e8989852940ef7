import { describe, expect, test } from 'vitest';
import { isQuoted } from '#src/understand/findings.ts';
import { readPage } from '#src/understand/reading.ts';
import { analyseBuiltIn } from './index.ts';

const read = (body: string) =>
  readPage(
    `<html lang="en"><head><title>Invoicely: invoices for freelancers</title><meta property="og:site_name" content="Invoicely"></head><body><main><h1>Invoices that get paid</h1><p>Invoicely helps freelancers send invoices.</p>${body}</main></body></html>`,
    'https://invoicely.app/',
  );
const rivals = (body: string) => {
  const page = read(body);
  const found = analyseBuiltIn([page]).competitors;
  for (const { quote, confidence } of found) {
    expect(isQuoted(quote, page)).toBe(true);
    expect(confidence).toBeGreaterThan(0);
  }
  return found.map(({ name }) => name);
};
const table = (...rows: string[][]) =>
  `<table>${rows.map((row, at) => `<tr>${row.map((cell) => (at === 0 ? `<th>${cell}</th>` : `<td>${cell}</td>`)).join('')}</tr>`).join('')}</table>`;

describe('a product the pages compare the app with is proposed, with the words it rests on', () => {
  test.each<[string, string, string[]]>([
    [
      'columns',
      table(
        ['Feature', 'Invoicely', 'FreshBooks', 'Wave'],
        ['Recurring', 'Yes', 'Yes', 'No'],
        ['Price', '$9', '$19', '$16'],
      ),
      ['FreshBooks', 'Wave'],
    ],
    ['columns with "us"', table(['', 'Us', 'FreshBooks'], ['Recurring', '✓', '✗']), ['FreshBooks']],
    [
      'rows',
      table(
        ['', 'Price', 'Recurring'],
        ['Invoicely', '$9', 'Yes'],
        ['FreshBooks', '$19', 'Yes'],
        ['Wave', 'Free', 'No'],
      ),
      ['FreshBooks', 'Wave'],
    ],
    [
      'boxes that stand like a table',
      '<div><div class="row"><div>Feature</div><div>Invoicely</div><div>FreshBooks</div></div><div class="row"><div>Recurring</div><div>Yes</div><div>No</div></div><div class="row"><div>Reminders</div><div>Yes</div><div>No</div></div></div>',
      ['FreshBooks'],
    ],
    ['a heading', '<h2>Us vs. Rival</h2><p>We are simpler.</p>', ['Rival']],
    ['a heading with two', '<h2>Invoicely vs FreshBooks vs Wave</h2>', ['FreshBooks', 'Wave']],
    ['a heading in capitals', '<h2>Switch From FreshBooks In Minutes</h2>', ['FreshBooks']],
    ['a list', '<h2>Alternatives to FreshBooks, Wave and Zoho Invoice</h2>', ['FreshBooks', 'Wave', 'Zoho Invoice']],
    ['a question', '<h3>How is Invoicely different from FreshBooks?</h3>', ['FreshBooks']],
    ['an import', '<p>Import your clients from FreshBooks or Harvest with one click.</p>', ['FreshBooks', 'Harvest']],
    ['those who come', '<p>Coming from QuickBooks? Your books come along.</p>', ['QuickBooks']],
    ['a price', '<p>Half the price of FreshBooks.</p>', ['FreshBooks']],
    ['what was left for it', '<p>Why Ann left FreshBooks for Invoicely</p>', ['FreshBooks']],
    [
      'a review',
      '<blockquote><p>We left FreshBooks for Invoicely and never looked back.</p><cite>Jo Miller, founder of Bakery</cite></blockquote>',
      ['FreshBooks'],
    ],
  ])('%s', (_, body, names) => {
    expect(rivals(body)).toEqual(names);
  });

  test('the address comes from a link of the page, and is not made up', () => {
    const page = read(
      '<h2>Us vs Wave vs Harvest</h2><p>See <a href="https://www.waveapps.com/pricing">their prices</a>.</p>',
    );
    expect(analyseBuiltIn([page]).competitors.map(({ name, url, quote }) => [name, url, quote])).toEqual([
      ['Wave', 'https://www.waveapps.com/pricing', 'Us vs Wave vs Harvest'],
      ['Harvest', null, 'Us vs Wave vs Harvest'],
    ]);
  });
});

test.each<[string, string]>([
  ['integrations', '<h2>Integrations</h2><p>Works with Slack, Stripe and QuickBooks.</p><ul><li>Xero</li></ul>'],
  [
    'what is read from and written to',
    '<p>Connect to Trello in a click.</p><p>Import tasks from Trello.</p><p>Move tasks from Trello into Invoicely.</p>',
  ],
  [
    'formats and systems',
    '<li>Import from CSV</li><li>Import contacts from Google Contacts</li><p>Switch from iOS to Android.</p>',
  ],
  ['customers', '<h2>Trusted by</h2><p>Used by teams at Shopify, Basecamp and Buffer.</p>'],
  ['who wrote a review', '<blockquote>It saved my week.<cite>Ann, Studio North</cite></blockquote>'],
  [
    'its own plans',
    '<h2>Invoicely Free vs Invoicely Pro</h2><h2>Monthly vs Yearly</h2><p>Move from Starter to Growth.</p>',
  ],
  ['a table of its own plans', table(['Plan', 'Invoicely Free', 'Invoicely Pro'], ['Invoices', '10', '50'])],
  ['a table without the app', table(['', 'Paris', 'Berlin'], ['Support hours', '9 to 5', '9 to 6'])],
  [
    'ways of doing without',
    table(['Feature', 'Invoicely', 'Spreadsheets', 'Other tools', 'By hand'], ['Recurring', 'Yes', 'No', 'Some', 'No']),
  ],
  ['an employer', '<p>Maya left Shopify to build Invoicely. She came from Berlin, and quit Twitter.</p>'],
  [
    'times and manners',
    '<p>Instead of Monday mornings with receipts, relax. Compared to January, sales rose. Better than Ever.</p>',
  ],
])('%s are no competitors', (_, body) => {
  expect(rivals(body)).toEqual([]);
});
