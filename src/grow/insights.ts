import { type Context, type Inside, transaction } from '#src/context.ts';
import { type Frame, type Judgement, weekStart } from '#src/grow/detectors/detector.ts';
import { detectors } from '#src/grow/detectors/index.ts';
import { type Claim, closeOver, keep } from '#src/grow/insights/keep.ts';
import { adjust } from '#src/measure/ab-test/adjust.ts';
import { workspaceOf } from '#src/people/workspaces.ts';
import { eachApp } from '#src/understand/apps/each.ts';
import { appOf } from '#src/understand/apps.ts';

export type Check = {
  detector: string;
  question: string;
  outcome: 'found' | 'nothing_unusual' | 'not_enough_data';
  /** What was found, that nothing was, or what is missing. */
  message: string;
  insightIds: string[];
};

/** Of what one look claims, at most this share is false on average. */
const falseShare = 0.05;

/**
 * Asks every detector and keeps what may be claimed: new insights are opened, known ones refreshed, those that no longer
 * hold closed. All comparisons of one look are corrected together (Benjamini and Hochberg), so that of what is claimed 5 %
 * at most is false on average; where nothing changed at all, that is the chance of any claim. The intervals shown are
 * plain 95 % ones. `insight.found` is recorded for each new one. Safe to run twice.
 */
export function findInsights(context: Context, appId: string): Promise<{ found: number; checks: Check[] }> {
  return transaction(context, async (inside) => {
    const frame = await frameOf(inside, appId);
    const judged: Judged[] = [];
    for (const { name, question, look } of detectors) judged.push({ name, question, ...(await look(inside, frame)) });
    const claims = claimable(judged);
    let found = 0;
    const held: string[] = [];
    const checks: Check[] = [];
    for (const { name, question, missing } of judged) {
      const own = claims.filter(({ detector }) => detector === name);
      const insightIds: string[] = [];
      for (const claim of own) {
        const kept = await keep(inside, frame, claim);
        if (kept?.isNew) found++;
        if (kept) insightIds.push(kept.id);
      }
      held.push(...insightIds);
      checks.push({ detector: name, question, insightIds, ...outcomeOf(own, missing) });
    }
    await closeOver(inside, frame, judged, held);
    await remember(inside, frame, checks);
    return { found, checks };
  });
}

/** For the daily clock: every active app of the workspace. Safe to run twice. */
export async function findAllInsights(context: Context): Promise<void> {
  await eachApp(context, (appId) => findInsights(context, appId), { active: true });
}

type Judged = Judgement & { name: string; question: string };

/** The candidates that may be claimed: plain facts, and the comparisons that stand after the correction. */
export function claimable(judged: readonly (Judgement & { name: string })[]): Claim[] {
  const all = judged.flatMap(({ name, candidates }) => candidates.map((each) => ({ ...each, detector: name })));
  const chances = adjust(
    all.flatMap(({ p }) => (p === null ? [] : [p])),
    'BH',
  );
  let next = 0;
  return all
    .map((each) => ({ ...each, chance: each.p === null ? null : chances[next++]! }))
    .filter(({ chance }) => chance === null || chance <= falseShare);
}

function outcomeOf(own: readonly Claim[], missing: string | null): Pick<Check, 'outcome' | 'message'> {
  if (own.length > 0) return { outcome: 'found', message: own.map(({ sentence }) => sentence).join(' ') };
  if (missing) return { outcome: 'not_enough_data', message: missing };
  return { outcome: 'nothing_unusual', message: 'Nothing that chance would not explain.' };
}

async function frameOf(inside: Inside, appId: string): Promise<Frame> {
  await appOf(inside, appId);
  const { timeZone } = await workspaceOf(inside);
  const settings = await inside.tx
    .selectFrom('trackingSettings')
    .select('firstEventAt')
    .where('appId', '=', appId)
    .executeTakeFirst();
  const now = inside.clock.now();
  return { appId, now, until: weekStart(now), timeZone, measuredSince: settings?.firstEventAt ?? null };
}

/** What was looked at and what came of it, for who asks later. */
async function remember(inside: Inside, frame: Frame, checks: readonly Check[]): Promise<void> {
  for (const { detector, question, outcome, message } of checks) {
    const answer = { question, outcome, message, lookedAt: frame.now };
    await inside.tx
      .insertInto('insightChecks')
      .values({ workspaceId: inside.workspaceId, appId: frame.appId, detector, ...answer })
      .onConflict((conflict) => conflict.columns(['workspaceId', 'appId', 'detector']).doUpdateSet(answer))
      .execute();
  }
}
