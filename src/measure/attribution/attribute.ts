import { type Context, type Inside, transaction } from '#src/context.ts';
import { closeConversions } from '#src/measure/conversions.ts';
import { workspaceOf } from '#src/people/workspaces.ts';
import { eachApp } from '#src/understand/apps/each.ts';
import { ensureCounted, oneAtATime } from './days.ts';
import { type Conversion, keepToldWith, touchesOf, visitorsOf } from './evidence.ts';
import { type Case, freezeCredits } from './freeze.ts';
import { learntOf } from './learnt.ts';
import { settingsOf } from './settings.ts';

/** A payment may come before the event that says who paid: so long it waits before it counts as unattributed. */
const PATIENCE = 3_600_000;
const BATCH = 100;

/**
 * Freezes the credits of the conversions not yet attributed, by the rules and by the learnt models there are: the
 * amounts of a model sum to the conversion's money exactly, and each credit names the rows it rests on and what is left
 * of it after tax, refunds and disputes. Without a touch the money is unattributed, which is a row, too. Returns how
 * many conversions were settled.
 */
export async function attribute(context: Context, appId: string): Promise<number> {
  let round = await transaction(context, (inside) => settleSome(inside, appId, null));
  let settled = round.closed;
  while (round.last !== null) {
    const { last } = round;
    round = await transaction(context, (inside) => settleSome(inside, appId, last));
    settled += round.closed;
  }
  return settled;
}

/** For every app: what had to wait for its payer to be known. */
export async function attributeAll(context: Context): Promise<void> {
  await eachApp(context, (appId) => attribute(context, appId));
}

/** Those that wait do not hold up the ones behind them: each round goes on where the last one ended. */
type Place = { at: Date; id: string };

type Round = { last: Place | null; closed: number };

async function settleSome(inside: Inside, appId: string, after: Place | null): Promise<Round> {
  const { tx } = inside;
  await oneAtATime(inside);
  if (after === null) await ensureCounted(inside, appId);
  const conversions = await tx
    .selectFrom('conversions')
    .select(['id', 'kind', 'customerId', 'visitor', 'visitId', 'eventId', 'paymentId', 'occurredAt'])
    .select(['valueMinor', 'currency'])
    .where('appId', '=', appId)
    .where('attributedAt', 'is', null)
    .$if(after !== null, (query) =>
      query.where((eb) =>
        eb(eb.refTuple('occurredAt', 'id'), '>', eb.tuple(after?.at ?? new Date(0), after?.id ?? '')),
      ),
    )
    .orderBy('occurredAt')
    .orderBy('id')
    .limit(BATCH)
    .forUpdate()
    .skipLocked()
    .execute();
  if (conversions.length === 0) return { last: null, closed: 0 };
  const settings = await settingsOf(inside, appId);
  const cases: Case[] = [];
  for (const told of conversions) {
    const conversion = wholeSecond(told);
    await keepToldWith(inside, appId, conversion);
    const known = await visitorsOf(inside, appId, conversion);
    const waits = conversion.kind === 'purchase' && known.size === 0;
    if (waits && inside.clock.now().getTime() - conversion.occurredAt.getTime() < PATIENCE) continue;
    const touches = await touchesOf(inside, appId, conversion, known, settings.windowDays);
    cases.push({ conversion, known, touches });
  }
  const ids = cases.map(({ conversion }) => conversion.id);
  const versions =
    ids.length === 0
      ? []
      : await tx
          .selectFrom('credits')
          .select('attributionModelId')
          .distinct()
          .where('conversionId', 'in', ids)
          .where('attributionModelId', 'is not', null)
          .execute();
  await freezeCredits(inside, cases, {
    appId,
    timeZone: (await workspaceOf(inside)).timeZone,
    settings,
    learnt: await learntOf(
      inside,
      appId,
      versions.flatMap((row) => row.attributionModelId ?? []),
    ),
  });
  await closeConversions(inside, ids);
  const last = conversions.length < BATCH ? undefined : conversions.at(-1);
  return { last: last ? { at: last.occurredAt, id: last.id } : null, closed: ids.length };
}

/** Payment providers tell whole seconds: who arrived within that second came before the payment, not after it. */
function wholeSecond(told: Omit<Conversion, 'happenedAt'>): Conversion {
  const latest = told.kind === 'purchase' ? new Date(told.occurredAt.getTime() + 999) : told.occurredAt;
  return { ...told, happenedAt: told.occurredAt, occurredAt: latest };
}
