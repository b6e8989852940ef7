import { sql } from 'kysely';
import { record } from '#src/activity.ts';
import { type Context, type Inside, transaction, userOf } from '#src/context.ts';
import { attribute } from '#src/measure/attribution/attribute.ts';
import { settleDues } from '#src/measure/attribution/dues.ts';
import { netOf } from '#src/measure/attribution/net.ts';
import { emailHash } from '#src/measure/identities.ts';
import { audit } from '#src/people/audit.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { type Candidate, candidatesOf } from './commissions/candidates.ts';
import { commissionOf, isWithin, type Rule } from './commissions/rule.ts';

/**
 * Writes down what the affiliates of an app have earned, and follows refunds and disputes. The entries of a payment sum
 * to what it earns: one that is not paid out yet is corrected in place, after that the difference is an entry of its
 * own, below zero for a refund. Only payments that changed are looked at. Safe to run at any time and twice at once.
 * Returns how many entries it touched.
 */
export async function settleCommissions(context: Context, appId: string): Promise<number> {
  const some = await transaction(context, ({ tx }) =>
    tx.selectFrom('affiliates').select('id').where('appId', '=', appId).limit(1).executeTakeFirst(),
  );
  if (!some) return 0;
  // A commission rests on the credits, and whichever reaction runs first must find them.
  await attribute(context, appId);
  return transaction(context, (inside) => settle(inside, appId));
}

/** For every app with affiliates: what had to wait, what was refunded. */
export async function settleAllCommissions(context: Context): Promise<void> {
  const apps = await transaction(context, ({ tx }) => tx.selectFrom('affiliates').select('appId').distinct().execute());
  for (const { appId } of apps) await settleCommissions(context, appId);
}

type Affiliate = Awaited<ReturnType<typeof affiliatesOf>>[number];
type Entry = Awaited<ReturnType<typeof entriesOf>>[number];

async function settle(inside: Inside, appId: string): Promise<number> {
  await oneAtATime(inside);
  const affiliates = new Map((await affiliatesOf(inside, appId)).map((row) => [row.id, row]));
  const candidates = await candidatesOf(inside, appId);
  if (candidates.length === 0) return 0;
  const entries = Map.groupBy(await entriesOf(inside, candidates), (entry) => entry.paymentId);
  const brought = await broughtBefore(inside, candidates);
  const settled: string[] = [];
  let touched = 0;
  for (const payment of candidates) {
    const own = entries.get(payment.paymentId) ?? [];
    const chosen = own[0]
      ? { affiliateId: own[0].affiliateId, by: own[0].by }
      : whose(payment, brought.get(payment.customerId ?? ''));
    const affiliate = chosen && affiliates.get(chosen.affiliateId);
    // While an affiliate is paused, what they brought waits for them to go on.
    if (affiliate?.status !== 'paused' || own.length > 0) settled.push(payment.paymentId);
    if (!affiliate) continue;
    const first = brought.get(payment.customerId ?? '')?.first ?? payment.paidAt;
    if (own.length === 0 && !earns(affiliate, payment, first)) continue;
    if (payment.customerId && !brought.has(payment.customerId))
      brought.set(payment.customerId, { affiliateId: affiliate.id, first: payment.paidAt });
    if (await bring(inside, { appId, affiliate, payment, by: chosen.by, own })) touched++;
  }
  await settleDues(inside, settled);
  return touched;
}

/** Who brought these customers with an earlier payment, by the first that was written down. */
async function broughtBefore({ tx }: Inside, candidates: readonly Candidate[]) {
  const customerIds = [...new Set(candidates.flatMap(({ customerId }) => customerId ?? []))];
  const rows =
    customerIds.length === 0
      ? []
      : await tx
          .selectFrom('commissions')
          .innerJoin('payments', 'payments.id', 'commissions.paymentId')
          .select(['payments.customerId', 'commissions.affiliateId', 'payments.paidAt as first'])
          .where('payments.customerId', 'in', customerIds)
          .orderBy('payments.paidAt', 'desc')
          .orderBy('payments.id', 'desc')
          .execute();
  return new Map(rows.map(({ customerId, ...row }) => [customerId ?? '', row]));
}

/** A customer stays with whoever brought them; a code that was told is plainer than a link that was followed. */
function whose(
  payment: Candidate,
  brought: { affiliateId: string } | undefined,
): { affiliateId: string; by: 'customer' | 'code' | 'link' } | null {
  if (brought) return { affiliateId: brought.affiliateId, by: 'customer' };
  if (payment.codeAffiliateId) return { affiliateId: payment.codeAffiliateId, by: 'code' };
  if (payment.touchAffiliateId) return { affiliateId: payment.touchAffiliateId, by: 'link' };
  return null;
}

function earns(affiliate: Affiliate, payment: Candidate, first: Date): boolean {
  if (affiliate.status === 'paused') return false;
  if (affiliate.endedAt && payment.paidAt >= affiliate.endedAt) return false;
  return isWithin(affiliate.months, first, payment.paidAt);
}

type Bringing = {
  appId: string;
  affiliate: Affiliate;
  payment: Candidate;
  by: Entry['by'];
  own: readonly Entry[];
};

/** Brings the entries of a payment in line with what is left of it. True when anything changed. */
async function bring(inside: Inside, { appId, affiliate, payment, by, own }: Bringing): Promise<boolean> {
  const { tx, workspaceId, clock } = inside;
  const written = own[0];
  const rule: Rule = ruleOf(written ?? affiliate);
  const currency = written?.currency ?? affiliate.currency ?? payment.currency;
  const net = netOf({
    paid: BigInt(payment.amountMinor),
    tax: BigInt(payment.taxMinor),
    returned: BigInt(payment.returnedMinor),
  });
  const owed = commissionOf(rule, net) - own.reduce((sum, entry) => sum + BigInt(entry.amountMinor), 0n);
  const selfReferral = affiliate.email !== null && payment.emailHashes.includes(emailHash(inside, affiliate.email));
  const open = own.find((entry) => entry.paidAt === null);
  const now = clock.now();
  if (open) {
    const amount = BigInt(open.amountMinor) + owed;
    const state = stateOf(amount, own.length, selfReferral && open.releasedAt === null);
    if (owed === 0n && state === open.state) return false;
    await tx
      .updateTable('commissions')
      .set({ amountMinor: String(amount), baseMinor: String(net), state, selfReferral, changedAt: now })
      .where('id', '=', open.id)
      .execute();
    return true;
  }
  if (owed === 0n) return false;
  const row = await tx
    .insertInto('commissions')
    .values({
      workspaceId,
      appId,
      affiliateId: affiliate.id,
      paymentId: payment.paymentId,
      customerId: payment.customerId,
      by,
      touchId: by === 'link' ? payment.touchId : null,
      percent: 'percent' in rule ? rule.percent : null,
      fixedMinor: 'fixed' in rule ? rule.fixed : null,
      amountMinor: String(owed),
      currency,
      baseMinor: String(net),
      baseCurrency: payment.currency,
      state: stateOf(owed, own.length, selfReferral && !written),
      selfReferral,
      earnedAt: now,
      changedAt: now,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await record(inside, written ? 'commission.corrected' : 'commission.earned', {
    subjectId: row.id,
    detail: { affiliateId: affiliate.id, appId },
  });
  return true;
}

function stateOf(amount: bigint, entries: number, held: boolean): 'earned' | 'flagged' | 'reversed' {
  if (amount === 0n && entries <= 1) return 'reversed';
  return held ? 'flagged' : 'earned';
}

function ruleOf(from: { percent: string | null; fixedMinor: string | null }): Rule {
  return from.percent === null ? { fixed: from.fixedMinor ?? '0' } : { percent: from.percent };
}

/** A commission of an affiliate who paid by themselves counts after all. */
export async function releaseCommission(context: Context, commissionId: string): Promise<void> {
  await transaction(context, async (inside) => {
    await oneAtATime(inside);
    const row = await inside.tx
      .updateTable('commissions')
      .set({ state: 'earned', releasedAt: inside.clock.now(), releasedBy: userOf(inside) })
      .where('id', '=', commissionId)
      .where('state', '=', 'flagged')
      .returning('id')
      .executeTakeFirst();
    if (!row) throw notFound('held commission');
    await audit(inside, { operation: 'commissions.release', subject: commissionId, after: { state: 'earned' } });
  });
}

/**
 * Marks what an affiliate has earned in a currency until a moment as paid out: the money itself is sent by hand. What
 * was taken back is set off. Refuses when nothing is left to pay.
 */
export async function payOut(
  context: Context,
  wanted: { affiliateId: string; currency: string; until?: Date | undefined; note?: string | undefined },
): Promise<{ paid: { minor: string; currency: string }; entries: number }> {
  return transaction(context, async (inside) => {
    const { tx, clock } = inside;
    await oneAtATime(inside);
    const affiliate = await tx
      .selectFrom('affiliates')
      .select('id')
      .where('id', '=', wanted.affiliateId)
      .executeTakeFirst();
    if (!affiliate) throw notFound('affiliate');
    const now = clock.now();
    const rows = await tx
      .updateTable('commissions')
      .set({ state: 'paid', paidAt: now, changedAt: now, payoutNote: wanted.note ?? null })
      .where('affiliateId', '=', affiliate.id)
      .where('currency', '=', wanted.currency)
      .where('state', '=', 'earned')
      .where('earnedAt', '<=', wanted.until ?? now)
      .returning(['id', 'amountMinor'])
      .execute();
    const sum = rows.reduce((total, row) => total + BigInt(row.amountMinor), 0n);
    if (sum <= 0n)
      throw refuse('conflict', 'nothing_due', `Nothing in ${wanted.currency} is due to this affiliate at the moment.`);
    const paid = { minor: String(sum), currency: wanted.currency };
    await audit(inside, {
      operation: 'commissions.markPaid',
      subject: affiliate.id,
      after: { ...paid, entries: rows.length, note: wanted.note ?? null },
    });
    await record(inside, 'commission.paid', { subjectId: affiliate.id, detail: paid });
    return { paid, entries: rows.length };
  });
}

function affiliatesOf({ tx }: Inside, appId: string) {
  return tx
    .selectFrom('affiliates')
    .select(['id', 'email', 'months', 'status', 'endedAt', 'currency'])
    .select(['commissionPercent as percent', 'commissionMinor as fixedMinor'])
    .where('appId', '=', appId)
    .execute();
}

function entriesOf({ tx }: Inside, candidates: readonly Candidate[]) {
  return tx
    .selectFrom('commissions')
    .select(['id', 'affiliateId', 'paymentId', 'by', 'amountMinor', 'currency', 'state', 'paidAt', 'releasedAt'])
    .select(['percent', 'fixedMinor'])
    .where(
      'paymentId',
      'in',
      candidates.map(({ paymentId }) => paymentId),
    )
    .orderBy('earnedAt')
    .orderBy('id')
    .execute();
}

/** Commissions of a workspace are changed by one at a time, in whichever process. */
async function oneAtATime({ tx, workspaceId }: Inside): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`fanfare.commissions ${workspaceId}`}, 0))`.execute(tx);
}
