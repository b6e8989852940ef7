/**
 * Currencies and their minor units. All money in Fanfare is a whole number of minor units by ISO 4217; providers that
 * count differently are converted here, at the edge.
 */

/**
 * Number of decimals by ISO 4217 (list one, kept by SIX) where it is not 2.
 * Funds codes and metals, in which nobody charges, are left out.
 */
const decimals: Record<string, number> = {
  BIF: 0,
  CLP: 0,
  DJF: 0,
  GNF: 0,
  ISK: 0,
  JPY: 0,
  KMF: 0,
  KRW: 0,
  PYG: 0,
  RWF: 0,
  UGX: 0,
  VND: 0,
  VUV: 0,
  XAF: 0,
  XOF: 0,
  XPF: 0,
  BHD: 3,
  IQD: 3,
  JOD: 3,
  KWD: 3,
  LYD: 3,
  OMR: 3,
  TND: 3,
};

/**
 * Where Stripe's API amounts have another number of decimals than ISO 4217 (docs.stripe.com/currencies, "Zero-decimal
 * currencies" and "Special cases"): ISK and UGX are whole currencies written with two decimals ("to
 * charge 5 ISK, provide an amount value of 500"), MGA is counted in whole ariary. HUF and TWD are special for payouts
 * only; three-decimal currencies agree with ISO (their last digit is always 0).
 */
const stripeDecimals: Record<string, number> = { ISK: 2, UGX: 2, MGA: 0 };

/** Decimals of a currency, 2 unless ISO 4217 says otherwise. `currency` in any case. */
export function minorUnits(currency: string): number {
  return decimals[currency.toUpperCase()] ?? 2;
}

/**
 * An amount as Stripe's API writes it, in minor units by ISO 4217. A fraction of a minor unit, which Stripe rules out,
 * is rounded half away from zero.
 */
export function fromStripeAmount(amount: number, currency: string): bigint {
  const shift = stripeShift(currency);
  const value = BigInt(amount);
  if (shift >= 0) return value * 10n ** BigInt(shift);
  return divided(value, 10n ** BigInt(-shift));
}

/**
 * Minor units of a decimal amount ("9.99", or 9.99 as JSON has it), rounded half away from zero.
 * @throws RangeError when it is no decimal number.
 */
export function fromDecimal(amount: string | number, currency: string): bigint {
  const text = typeof amount === 'number' && /e/.test(String(amount)) ? amount.toFixed(10) : String(amount);
  const { digits, scale } = decimalOf(text);
  const shift = minorUnits(currency) - scale;
  return shift >= 0 ? digits * 10n ** BigInt(shift) : divided(digits, 10n ** BigInt(-shift));
}

/** An amount counted in hundredths, whatever the currency ("cents" of providers that know nothing else). */
export function fromHundredths(amount: bigint, currency: string): bigint {
  const shift = minorUnits(currency) - 2;
  return shift >= 0 ? amount * 10n ** BigInt(shift) : divided(amount, 10n ** BigInt(-shift));
}

/** A share of an amount ("0.15" of 999n is 150n), rounded half away from zero. */
export function partOf(amount: bigint, share: string | number): bigint {
  const text = typeof share === 'number' && /e/.test(String(share)) ? share.toFixed(10) : String(share);
  const { digits, scale } = decimalOf(text);
  return divided(amount * digits, 10n ** BigInt(scale));
}

/** "12.5" as 125 with one decimal. @throws RangeError */
export function decimalOf(text: string): { digits: bigint; scale: number } {
  const [, sign, whole, fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  if (whole === undefined) throw new RangeError(`"${text}" is no decimal number.`);
  return { digits: BigInt(`${sign}${whole}${fraction}`), scale: fraction.length };
}

/** `a / b` for b > 0, rounded half away from zero. */
export function divided(a: bigint, b: bigint): bigint {
  const size = (2n * (a < 0n ? -a : a) + b) / (2n * b);
  return a < 0n ? -size : size;
}

/** "12.50" from 1250n USD, "1250" from 1250n JPY: plain decimal digits, for exports and machines. */
export function toDecimal(amount: bigint, currency: string): string {
  const places = minorUnits(currency);
  const sign = amount < 0n ? '-' : '';
  const digits = (amount < 0n ? -amount : amount).toString().padStart(places + 1, '0');
  return places === 0 ? `${sign}${digits}` : `${sign}${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

/** The same for an exact decimal ("0.25" cents), which stays one: "25" ISK at Stripe are "0.25" krónur. */
export function fromStripeDecimal(amount: string, currency: string): string {
  const shift = stripeShift(currency);
  if (shift === 0) return amount;
  const [, sign = '', whole = '', fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(amount) ?? [];
  if (whole === '') throw new RangeError(`"${amount}" is no decimal number.`);
  const digits = shift > 0 ? whole + fraction.padEnd(shift, '0') : whole.padStart(1 - shift, '0') + fraction;
  const point = shift > 0 ? whole.length + shift : Math.max(1, whole.length + shift);
  const rest = digits.slice(point).replace(/0+$/, '');
  return `${sign}${digits.slice(0, point).replace(/^0+(?=\d)/, '')}${rest === '' ? '' : `.${rest}`}`;
}

/** By how many decimals ISO 4217 has more than Stripe's API. */
function stripeShift(currency: string): number {
  const code = currency.toUpperCase();
  return minorUnits(code) - (stripeDecimals[code] ?? minorUnits(code));
}
