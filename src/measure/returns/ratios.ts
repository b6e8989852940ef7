import { poissonRate } from '#src/measure/uncertainty.ts';

/** Below so many a cost per piece is an anecdote: clicks, signups, customers. */
export const FLOORS = { clicks: 30, signups: 10, customers: 10 };

/** A figure, or why there is none. `low` and `high` (95 %) where it rests on a count. */
export type Ratio =
  | { value: number; low: number | null; high: number | null; reason: null }
  | { value: null; low: null; high: null; reason: string };

/** Money in minor units of one currency. */
export type Result = {
  cost: bigint;
  /** Of the cost, what went into advertising. */
  ads: bigint;
  /** Net of tax, refunds and disputes. */
  revenue: bigint;
  clicks: number;
  signups: number;
  customers: number;
  /** New monthly recurring revenue. */
  mrr: bigint;
  /** What is left of a unit of revenue after the provider's fees, 0 to 1. */
  margin: number;
  /** What a customer brings over their life in minor units, before what it cost to win them, with its 95 % interval. */
  lifetimeValue: Ratio;
};

export type Ratios = {
  /** Profit on cost: 1 = for each unit spent one came back beside it. */
  roi: Ratio;
  /** Revenue on what was spent on advertising. */
  roas: Ratio;
  /** Revenue on all cost: the marketing efficiency ratio. */
  mer: Ratio;
  /** Cost of a click, a signup, a new customer, in minor units. */
  cpc: Ratio;
  cpa: Ratio;
  cac: Ratio;
  /** Months until a new customer's margin has paid for winning them. */
  paybackMonths: Ratio;
  /** What a customer brings on what winning one costs; both intervals at their worst and at their best. */
  ltvToCac: Ratio;
};

/**
 * The ratios of cost and result. Costs per piece and what follows from them need a floor of pieces and carry the exact
 * Poisson interval of their count (Garwood 1936): the cost is known, how many came is chance. Money on money is what
 * happened and needs a cost only.
 */
export function ratiosOf(result: Result): Ratios {
  const { cost, ads, revenue, customers, mrr, margin, lifetimeValue } = result;
  const cac = perPiece(cost, customers, FLOORS.customers, 'new customers');
  const monthly = customers > 0 ? (Number(mrr) * margin) / customers : 0;
  return {
    roi: onCost(revenue - cost, cost, 'Nothing was spent, so there is nothing to set it against.'),
    roas: onCost(revenue, ads, 'Nothing was spent on advertising.'),
    mer: onCost(revenue, cost, 'Nothing was spent, so there is nothing to set it against.'),
    cpc: perPiece(cost, result.clicks, FLOORS.clicks, 'clicks'),
    cpa: perPiece(cost, result.signups, FLOORS.signups, 'signups'),
    cac,
    paybackMonths:
      cac.value === null
        ? cac
        : monthly > 0
          ? {
              // Cost and MRR are of the same customers, so their count cancels out: no interval of its own.
              value: cac.value / monthly,
              low: null,
              high: null,
              reason: null,
            }
          : none('These customers brought no recurring revenue.'),
    ltvToCac: ltvOnCac(lifetimeValue, cac),
  };
}

/** What a customer brings on what winning one costs. Both hold with 95 %, so the whole interval with at least 90 %. */
export function ltvOnCac(lifetimeValue: Ratio, cac: Ratio): Ratio {
  if (cac.value === null) return cac;
  if (lifetimeValue.value === null) return lifetimeValue;
  const [low, high] = [lifetimeValue.low ?? lifetimeValue.value, lifetimeValue.high ?? lifetimeValue.value];
  return {
    value: lifetimeValue.value / cac.value,
    low: cac.high === null ? null : low / cac.high,
    high: cac.low === null || cac.low === 0 ? null : high / cac.low,
    reason: null,
  };
}

function onCost(gain: bigint, cost: bigint, without: string): Ratio {
  if (cost <= 0n) return none(without);
  return { value: Number(gain) / Number(cost), low: null, high: null, reason: null };
}

/** What one of these cost, or why that is not said. A count made of shares of credit is rounded for its interval. */
export function perPiece(cost: bigint, pieces: number, floor: number, what: string): Ratio {
  if (cost <= 0n) return none('Nothing was spent.');
  if (pieces < floor - 1e-6)
    return none(`Not enough data: ${Math.floor(pieces + 1e-6)} of the ${floor} ${what} needed so far.`);
  const { low, high } = poissonRate(Math.round(pieces), 1);
  const spent = Number(cost);
  return { value: spent / pieces, low: spent / high, high: low === 0 ? null : spent / low, reason: null };
}

export function none(reason: string): Ratio {
  return { value: null, low: null, high: null, reason };
}
