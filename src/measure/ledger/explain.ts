import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import { booksOf, isCharge, ledgerEntries } from '#src/measure/ledger/entries.ts';

/** One thing by which the events and the statement of a day differ. `amount` is signed: stated less told. */
export type Explanation = {
  reason: 'not_in_statement' | 'not_told' | 'other_day' | 'other_amount' | 'uncredited';
  part: 'payment' | 'refund' | 'fee' | 'tax' | 'other';
  /** The provider's id of the payment it is about. */
  payment: string | null;
  /** Our payment, when there is one. */
  paymentId: string | null;
  told: string;
  stated: string;
  amount: string;
  /** On which other day the other side has it. */
  otherDay: string | null;
  words: string;
};

type Row = {
  payment: string | null;
  paymentId: string | null;
  part: Explanation['part'];
  told: string;
  stated: string;
  others: { day: string; told: number; stated: number }[] | null;
};

const PART = { payment: 'The payment', refund: 'A refund', fee: 'The fee', tax: 'The tax', other: 'A line' };

/**
 * What a day's difference is made of: each payment whose parts are told in another amount than stated, stated without
 * having been told or told without being stated, or counted on another day; and payments without credits.
 */
export async function explainDay(
  inside: Inside,
  { sourceId, day, currency }: { sourceId: string; day: string; currency: string },
): Promise<Explanation[]> {
  const near = (days: number) => new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10);
  // A settlement booked up to a week apart is found; what lies further apart is not the same day's business.
  const scope = { first: near(-7), last: near(7), only: sql<boolean>`money.payment_source_id = ${sourceId}` };
  const { rows } = await sql<Row>`
    with ${ledgerEntries(inside, booksOf(inside), scope)},
    sides as (
      select payment, part, day, sum(told) as told, sum(stated) as stated
      from (
        select payment, part, day, amount as told, 0 as stated from told where currency = ${currency}
        union all
        select payment, part, day, 0, amount from stated where currency = ${currency} and payment is not null
        union all
        select line.provider_id, case line.about when 'fee' then 'fee' else 'other' end, (line.occurred_at at time zone 'UTC')::date, 0, line.net_minor
        from statement_lines line
        where line.workspace_id = ${inside.workspaceId} and line.payment_source_id = ${sourceId}
          and line.currency = ${currency} and line.provider_payment_id is null and line.about <> 'payout'
          and not ${isCharge} and (line.occurred_at at time zone 'UTC')::date = ${day}::date
      ) each
      group by payment, part, day
    )
    select side.payment, payment.id as payment_id, side.part, side.told::text as told, side.stated::text as stated,
           (select json_agg(json_build_object('day', other.day, 'told', other.told, 'stated', other.stated)
                            order by other.day)
            from sides other
            where other.payment = side.payment and other.part = side.part and other.day <> side.day
              and other.told <> other.stated) as others
    from sides side
    left join payments payment on payment.workspace_id = ${inside.workspaceId}
      and payment.payment_source_id = ${sourceId} and payment.provider_id = side.payment
    where side.day = ${day}::date and side.told <> side.stated
    order by abs(side.stated - side.told) desc
    limit 200
  `.execute(inside.tx);
  return [...rows.map(explain), ...(await withoutCredits(inside, { sourceId, day }))];
}

function explain(row: Row): Explanation {
  const amount = BigInt(row.stated) - BigInt(row.told);
  const opposite = (row.others ?? []).find((other) => BigInt(other.stated) - BigInt(other.told) === -amount);
  const common = {
    part: row.part,
    payment: row.payment,
    paymentId: row.paymentId,
    told: row.told,
    stated: row.stated,
    amount: String(amount),
    otherDay: opposite?.day ?? null,
  };
  const of = `${PART[row.part]}${row.payment === null || row.part === 'other' ? '' : ` of ${row.payment}`}`;
  if (opposite)
    return {
      ...common,
      reason: 'other_day',
      words:
        row.told === '0'
          ? `${of} is in the statement of this day; its event is dated ${opposite.day}.`
          : `${of} was told for this day; the statement has it on ${opposite.day}.`,
    };
  if (row.told === '0')
    return { ...common, reason: 'not_told', words: `${of} is in the statement, but no event told of it.` };
  if (row.stated === '0')
    return { ...common, reason: 'not_in_statement', words: `${of} was told, but is not in the statement.` };
  return { ...common, reason: 'other_amount', words: `${of} has another amount in the statement than was told.` };
}

async function withoutCredits(
  { tx, workspaceId }: Inside,
  { sourceId, day }: { sourceId: string; day: string },
): Promise<Explanation[]> {
  const { rows } = await sql<{ payment: string; paymentId: string; amount: string }>`
    select payment.provider_id as payment, payment.id as payment_id,
           (payment.amount_minor - coalesce(given.credited, 0))::text as amount
    from payments payment
    left join lateral (
      select sum(credit.amount_minor) as credited
      from conversions conversion
      join credits credit on credit.workspace_id = conversion.workspace_id and credit.conversion_id = conversion.id
        and credit.model = 'last_non_direct'
      where conversion.workspace_id = ${workspaceId} and conversion.payment_id = payment.id
    ) given on true
    where payment.workspace_id = ${workspaceId} and payment.payment_source_id = ${sourceId}
      and payment.paid_at >= ${`${day}T00:00:00Z`}::timestamptz and payment.paid_at < ${`${day}T24:00:00Z`}::timestamptz
      and payment.amount_minor <> coalesce(given.credited, 0)
    order by payment.paid_at limit 200
  `.execute(tx);
  return rows.map((row) => ({
    reason: 'uncredited',
    part: 'payment',
    payment: row.payment,
    paymentId: row.paymentId,
    told: row.amount,
    stated: row.amount,
    amount: row.amount,
    otherDay: null,
    words: `The payment ${row.payment} has no credits yet. It is settled within the hour.`,
  }));
}
