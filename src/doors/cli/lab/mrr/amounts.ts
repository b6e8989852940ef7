import { minorUnits, toDecimal } from '#src/outside/payments/currency.ts';

/** Amounts of one currency: whole units in files, minor units inside. */
export type Amounts = {
  currency: string;
  /** Whole units as a decimal in minor units, exact; null when it is no decimal number. */
  minor(amount: unknown): string | null;
  /** Minor units as a number of whole units: as many digits as the currency has. */
  out(minor: bigint): number;
};

export function amountsIn(currency: string): Amounts {
  const places = minorUnits(currency);
  return {
    currency,
    minor(amount) {
      const text = typeof amount === 'number' ? plain(amount) : typeof amount === 'string' ? amount.trim() : '';
      const match = /^(\d+)(?:\.(\d+))?$/.exec(text);
      if (!match) return null;
      const fraction = (match[2] ?? '').padEnd(places, '0');
      const rest = fraction.slice(places);
      return `${BigInt(`${match[1]}${fraction.slice(0, places)}`)}${rest === '' ? '' : `.${rest}`}`;
    },
    out: (minor) => Number(toDecimal(minor, currency)),
  };
}

/** Without an exponent, which JavaScript writes for the very small and the very large. */
function plain(amount: number): string {
  return /e/.test(String(amount)) ? amount.toFixed(20).replace(/\.?0+$/, '') : String(amount);
}
