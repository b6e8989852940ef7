import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readPage } from '#src/understand/reading.ts';

const pricesOf = (text: string, lang = 'en') =>
  readPage(`<html lang="${lang}"><body><main><h3>Solo</h3><p>${text}</p></main></body></html>`, 'https://a.dev/')
    .prices;

const whole = fc.integer({ min: 1, max: 99_999 });
const cents = fc.option(fc.integer({ min: 1, max: 99 }), { nil: null });
const grouped = (value: number, separator: string) => String(value).replace(/\B(?=(\d{3})+$)/g, separator);

const signs: [currency: string, write: (amount: string) => string, decimal: ',' | '.', thousands: string][] = [
  ['USD', (amount) => `$${amount}`, '.', ','],
  ['USD', (amount) => `US$${amount}`, '.', ','],
  ['USD', (amount) => `${amount} USD`, '.', ','],
  ['EUR', (amount) => `€${amount}`, '.', ','],
  ['EUR', (amount) => `${amount} €`, ',', '.'],
  ['EUR', (amount) => `EUR ${amount}`, '.', ','],
  ['GBP', (amount) => `£${amount}`, '.', ','],
  ['CHF', (amount) => `CHF ${amount}`, '.', '’'],
  ['INR', (amount) => `₹${amount}`, '.', ','],
  ['BRL', (amount) => `R$${amount}`, ',', '.'],
  ['PLN', (amount) => `${amount} zł`, ',', ' '],
  ['AUD', (amount) => `A$${amount}`, '.', ','],
];
const intervals: ['month' | 'year' | 'week' | 'once', string[]][] = [
  [
    'month',
    ['/mo', '/month', ' per month', ' a month', '/ month', ' monthly', ' / user / month', ' per user per month'],
  ],
  ['year', ['/yr', '/year', ' per year', ' a year', ' annually', ' yearly']],
  ['week', ['/week', ' per week', ' a week']],
  ['once', [' once', ' one-time', ' lifetime']],
];

test('a price is read with its amount, currency and interval, however it is written', () => {
  fc.assert(
    fc.property(
      whole,
      cents,
      fc.constantFrom(...signs),
      fc.constantFrom(...intervals.flatMap(([interval, words]) => words.map((word) => [interval, word] as const))),
      (amount, rest, [currency, write, decimal, thousands], [interval, words]) => {
        const fraction = rest === null ? '' : `${decimal}${String(rest).padStart(2, '0')}`;
        const [price, ...more] = pricesOf(`${write(`${grouped(amount, thousands)}${fraction}`)}${words}`);
        expect(more).toEqual([]);
        expect(price).toMatchObject({ plan: 'Solo', currency, interval });
        expect(Number(price?.amount)).toBeCloseTo(amount + (rest ?? 0) / 100, 6);
      },
    ),
    { numRuns: 400 },
  );
});

test.each([
  ['From $5 a month', '5', 'USD', 'month'],
  ['$9.99/mo, billed annually', '9.99', 'USD', 'month'],
  ['ab 9,90 € im Monat', '9.90', 'EUR', 'month'],
  ['19 € par mois', '19', 'EUR', 'month'],
  ['12 € al mes', '12', 'EUR', 'month'],
  ['99 kr/mån', '99', 'SEK', 'month'],
  ['¥1,200/月', '1200', 'JPY', 'month'],
  ['1.299,50 € pro Jahr', '1299.50', 'EUR', 'year'],
  ['$49 one-time payment', '49', 'USD', 'once'],
  ['€ 9,- per month', '9', 'EUR', 'month'],
  ['CHF 10.– pro Monat', '10', 'CHF', 'month'],
  ['9,– € im Monat', '9', 'EUR', 'month'],
  ['CA$15 per month', '15', 'CAD', 'month'],
])('%s', (text, amount, currency, interval) => {
  expect(pricesOf(text, /月/.test(text) ? 'ja' : 'en')[0]).toMatchObject({ amount, currency, interval });
});

test.each([['Save $20 today'], ['We made $10k MRR'], ['Call 555 1234'], ['Founded in 2019'], ['Worth $500']])(
  '%s is no price',
  (text) => {
    expect(pricesOf(text)).toEqual([]);
  },
);
