import { sql } from 'kysely';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { countCredits, oneAtATime } from './days.ts';
import { creditLearnt, type Learnt, learntOf } from './learnt.ts';
import { netShares } from './net.ts';
import { learntModels } from './settings.ts';

const BATCH = 200;

/**
 * Gives every attributed conversion that has no credit of a learnt model one by its newest version, from the touches
 * its other credits rest on. What is frozen stays. Returns how many conversions got one.
 */
export async function catchUp(context: Context, appId: string): Promise<number> {
  let done = 0;
  for (const model of learntModels)
    for (;;) {
      const some = await transaction(context, (inside) => someOf(inside, appId, model));
      done += some;
      if (some < BATCH) break;
    }
  return done;
}

type Row = {
  conversionId: string;
  touchId: string | null;
  postId: string | null;
  campaignId: string | null;
  channel: string | null;
  amountMinor: string;
  netMinor: string;
  currency: string | null;
  grade: 'click_id' | 'checkout_metadata' | 'code' | 'server_event' | 'self_report' | 'timing' | null;
  evidence: object;
  convertedAt: Date;
  countedDay: string;
  windowDays: number | null;
  firstPurchase: boolean;
};

async function someOf(inside: Inside, appId: string, model: Learnt['model']): Promise<number> {
  const { tx, workspaceId, clock } = inside;
  await oneAtATime(inside);
  const learnt = (await learntOf(inside, appId)).find((each) => each.model === model);
  if (!learnt) return 0;
  const { rows } = await sql<Row>`
    select credit.conversion_id, credit.touch_id, credit.post_id, credit.campaign_id, credit.channel,
      credit.amount_minor, credit.net_minor, credit.currency, credit.grade, credit.evidence, credit.converted_at,
      credit.counted_day::text as counted_day, credit.window_days, credit.first_purchase
    from (
      select distinct on (own.conversion_id) own.conversion_id from credits own
      where own.workspace_id = ${workspaceId} and own.app_id = ${appId} and own.model = 'linear' and own.counted_day is not null
        and not exists (select from credits other where other.workspace_id = own.workspace_id
                          and other.conversion_id = own.conversion_id and other.model = ${model})
      order by own.conversion_id limit ${BATCH}
    ) open
    join credits credit on credit.workspace_id = ${workspaceId} and credit.conversion_id = open.conversion_id
      and credit.model = 'linear'
    left join touches touch on touch.workspace_id = credit.workspace_id and touch.id = credit.touch_id
    order by credit.conversion_id, touch.occurred_at, touch.id`.execute(tx);
  const cases = [...Map.groupBy(rows, (row) => row.conversionId).values()];
  const written = cases.flatMap((own) => {
    const sum = (name: 'amountMinor' | 'netMinor') => own.reduce((total, row) => total + BigInt(row[name]), 0n);
    const [amount, net] = [sum('amountMinor'), sum('netMinor')];
    const touches = own.flatMap((row) =>
      row.touchId === null ? [] : [{ id: row.touchId, channel: row.channel ?? '', postId: row.postId }],
    );
    const credits = touches.length === 0 ? [] : creditLearnt(learnt, touches, amount);
    const amounts = credits.length === 0 ? [amount] : credits.map((credit) => credit.amount);
    const left = net === amount ? amounts : credits.length === 0 ? [net] : netShares(amounts, net);
    const kept =
      credits.length === 0
        ? own.slice(0, 1)
        : credits.flatMap((credit) => own.find((row) => row.touchId === credit.touchId) ?? []);
    return kept.map((row, index) => ({
      ...row,
      workspaceId,
      appId,
      model,
      attributionModelId: learnt.id,
      share: String(credits[index]?.share ?? 1),
      amountMinor: String(amounts[index] ?? 0n),
      netMinor: String(left[index] ?? 0n),
      evidence: JSON.stringify(row.evidence),
      frozenAt: clock.now(),
    }));
  });
  for (let at = 0; at < written.length; at += 500)
    await tx
      .insertInto('credits')
      .values(written.slice(at, at + 500))
      .execute();
  await countCredits(inside, { conversionIds: cases.map((own) => own[0]?.conversionId ?? ''), models: [model] });
  return cases.length;
}
