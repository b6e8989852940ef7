import { expect, test } from 'vitest';
import {
  fromDecimal,
  fromHundredths,
  fromStripeAmount,
  fromStripeDecimal,
  minorUnits,
  partOf,
  toDecimal,
} from './currency.ts';

test('minor units follow ISO 4217', () => {
  expect(['usd', 'JPY', 'KWD', 'MGA', 'isk'].map(minorUnits)).toEqual([2, 0, 3, 2, 0]);
});

test('plain decimals for machines', () => {
  expect(toDecimal(1250n, 'USD')).toBe('12.50');
  expect(toDecimal(-5n, 'USD')).toBe('-0.05');
  expect(toDecimal(1250n, 'JPY')).toBe('1250');
  expect(toDecimal(1n, 'KWD')).toBe('0.001');
});

test('a stray fraction is rounded half away from zero', () => {
  expect([549, 550, -549, -550].map((amount) => fromStripeAmount(amount, 'ISK'))).toEqual([5n, 6n, -5n, -6n]);
});

test('exact decimals move their point and lose nothing', () => {
  expect(fromStripeDecimal('0.25', 'USD')).toBe('0.25');
  expect(['25', '2525', '0.5', '-100', '100.5'].map((amount) => fromStripeDecimal(amount, 'ISK'))).toEqual([
    '0.25',
    '25.25',
    '0.005',
    '-1',
    '1.005',
  ]);
  expect(['0.25', '3', '1.2345'].map((amount) => fromStripeDecimal(amount, 'MGA'))).toEqual(['25', '300', '123.45']);
  expect(() => fromStripeDecimal('1e3', 'ISK')).toThrow(RangeError);
});

test('decimals and hundredths become minor units, shares of them are rounded half away from zero', () => {
  expect([fromDecimal(9.99, 'USD'), fromDecimal('-9.995', 'USD'), fromDecimal(1e-7, 'USD')]).toEqual([
    999n,
    -1000n,
    0n,
  ]);
  expect([fromDecimal(1500, 'JPY'), fromDecimal(3.125, 'KWD')]).toEqual([1500n, 3125n]);
  expect(() => fromDecimal('9,99', 'USD')).toThrow(RangeError);
  expect(['USD', 'JPY', 'KWD'].map((currency) => fromHundredths(1250n, currency))).toEqual([1250n, 13n, 12500n]);
  expect([partOf(999n, 0.15), partOf(-999n, '0.15'), partOf(10n, 0.05)]).toEqual([150n, -150n, 1n]);
});
