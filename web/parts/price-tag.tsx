import { money } from '#web/format.ts';

/** What an action will cost, before it is done. `minor` in minor units, fractions allowed. */
export function PriceTag({
  minor,
  currency,
  note,
  overBudget = false,
}: {
  minor: bigint | number | string;
  currency: string;
  /** What it pays for: `X API, 3 posts with a link`. */
  note?: string;
  overBudget?: boolean;
}) {
  return (
    <span className="price num" data-tone={overBudget ? 'warn' : undefined}>
      <b>{Number(minor) === 0 ? 'Free' : money(minor, currency)}</b>
      {note && <span className="sub">{note}</span>}
      {overBudget && <span className="sub">over this month’s budget</span>}
    </span>
  );
}
