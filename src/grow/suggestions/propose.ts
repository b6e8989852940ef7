import { Temporal } from 'temporal-polyfill';
import { record } from '#src/activity.ts';
import type { Inside } from '#src/context.ts';
import { readBaselines } from './baselines.ts';
import { gradesOf, type Judged, judge, readLearnt } from './judge.ts';
import type { Frame, Kind, Measure, Proposal } from './kind.ts';
import { kinds } from './kinds/index.ts';
import { placeOpen } from './order.ts';
import { lockFor } from './states.ts';

/** What was decided against is not brought up again for so long, unless its evidence has doubled. */
export const quietDays = 90;
/** A proposal whose condition has not held for so long is gone. */
const staleDays = 14;
const dayMs = 86_400_000;
const open = ['proposed', 'accepted', 'in_progress'] as const;

type Row = {
  id: string;
  kind: string;
  subject: string;
  state: string;
  weight: number;
  measure: Measure | null;
  closedAt: Date | null;
};
type Judgement = { kind: Kind; proposal: Proposal; judged: Judged };

/**
 * Asks every kind (or those that follow from one detector) what it would propose for the app, keeps what is new, brings
 * open proposals up to date and lets stale ones go. Returns the ids of the new ones. Safe to run twice.
 */
export async function lookFor(inside: Inside, appId: string, detector?: string): Promise<string[]> {
  await lockFor(inside, appId);
  const frame = await frameOf(inside, appId);
  const asked = kinds.filter((kind) => detector === undefined || kind.detector === detector);
  const learnt = await readLearnt(inside);
  const found: Judgement[] = [];
  for (const kind of asked)
    for (const proposal of await kind.look(inside, frame)) {
      const seed = `${appId}:${kind.name}:${proposal.subject}`;
      const judged = judge(kind.name, proposal, frame.base, learnt.get(kind.name) ?? [], seed);
      const mean = judged.impact?.money?.mean ?? judged.impact?.signups?.mean;
      // What is expected to bring nothing, or to cost, is no suggestion.
      if (mean === undefined || mean > 0) found.push({ kind, proposal, judged });
    }
  const known = await knownRows(inside, appId);
  const made: string[] = [];
  for (const one of withoutTwins(found, known)) {
    const id = await keep(inside, frame, one, known);
    if (id) made.push(id);
  }
  if (detector === undefined) await expire(inside, appId);
  await placeOpen(inside, appId);
  return made;
}

export async function frameOf(inside: Inside, appId: string): Promise<Frame> {
  const app = await inside.tx.selectFrom('apps').select('name').where('id', '=', appId).executeTakeFirstOrThrow();
  const { timeZone } = await inside.tx
    .selectFrom('workspaces')
    .select('timeZone')
    .where('id', '=', inside.workspaceId)
    .executeTakeFirstOrThrow();
  const now = inside.clock.now();
  const today = Temporal.Instant.fromEpochMilliseconds(now.getTime())
    .toZonedDateTimeISO(timeZone)
    .toPlainDate()
    .toString();
  return { appId, appName: app.name, now, timeZone, today, base: await readBaselines(inside, appId, today) };
}

/** Two kinds may see the same page or source: of those that would change the same number there, the better one stays. */
function withoutTwins(found: readonly Judgement[], known: readonly Row[]): Judgement[] {
  const taken = new Map<string, string>();
  for (const { kind, subject, measure, state } of known)
    if (state === 'accepted' || state === 'in_progress') taken.set(twinKey(subject, measure), kind);
  const worth = ({ judged: { impact } }: Judgement) => impact?.money?.mean ?? impact?.signups?.mean ?? 0;
  return [...found]
    .sort((a, b) => worth(b) - worth(a))
    .filter(({ kind, proposal }) => {
      if (proposal.subject === '') return true;
      const key = twinKey(proposal.subject, proposal.measure);
      const holder = taken.get(key);
      if (holder === undefined) taken.set(key, kind.name);
      return holder === undefined || holder === kind.name;
    });
}

function twinKey(subject: string, measure: Measure | null): string {
  return `${subject.replace(/^(page|post|source):/, '')} ${measure?.of === 'signup_rate' ? 'rate' : 'visits'}`;
}

async function keep(
  inside: Inside,
  frame: Frame,
  { kind, proposal, judged }: Judgement,
  known: readonly Row[],
): Promise<string | null> {
  const same = known.filter((row) => row.kind === kind.name && row.subject === proposal.subject);
  const now = inside.clock.now();
  const standing = same.find(({ state }) => (open as readonly string[]).includes(state));
  if (standing && standing.state !== 'proposed') return null;
  const quietSince = now.getTime() - quietDays * dayMs;
  const quiet = same.some(
    ({ state, closedAt, weight }) =>
      (state === 'done' || state === 'dismissed') &&
      closedAt !== null &&
      closedAt.getTime() > quietSince &&
      !(state === 'dismissed' && weight > 0 && proposal.weight >= 2 * weight),
  );
  if (!standing && quiet) return null;
  const values = {
    ...columnsOf(frame, proposal, judged),
    seenAt: now,
    expiresAt: new Date(now.getTime() + staleDays * dayMs),
  };
  if (standing) {
    await inside.tx.updateTable('suggestions').set(values).where('id', '=', standing.id).execute();
    await writeRows(inside, standing.id, proposal);
    return null;
  }
  const row = await inside.tx
    .insertInto('suggestions')
    .values({
      workspaceId: inside.workspaceId,
      appId: frame.appId,
      kind: kind.name,
      category: kind.category,
      subject: proposal.subject,
      source: 'built_in',
      dedupe: `${kind.name}:${proposal.subject}:${same.length}`,
      createdAt: now,
      ...values,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await writeRows(inside, row.id, proposal);
  await record(inside, 'suggestion.proposed', { subjectId: row.id, detail: { appId: frame.appId } });
  return row.id;
}

function columnsOf(frame: Frame, proposal: Proposal, { impact, missing, working }: Judged) {
  const grades = gradesOf(proposal.minutes, working);
  const minor = (value: number | undefined) => (value === undefined ? null : Math.round(value).toString());
  const worth = impact?.money ?? undefined;
  return {
    insightId: proposal.insightId ?? null,
    title: proposal.title,
    reasoning: proposal.reasoning,
    priority: priorityOf(impact !== null, grades),
    ...grades,
    minutes: proposal.minutes,
    effortReason: proposal.effortReason,
    returnLowMinor: minor(worth?.low),
    returnMeanMinor: minor(worth?.mean),
    returnHighMinor: minor(worth?.high),
    currency: worth ? frame.base.currency : null,
    returnReason: missing,
    signupsLow: impact?.signups?.low ?? null,
    signupsMean: impact?.signups?.mean ?? null,
    signupsHigh: impact?.signups?.high ?? null,
    chance: impact?.chance ?? null,
    timeFrameDays: proposal.timeFrameDays,
    strategyChange: JSON.stringify(proposal.strategyChange ?? {}),
    working: JSON.stringify(working),
    measure: proposal.measure ? JSON.stringify(proposal.measure) : null,
    makes: JSON.stringify(proposal.makes ?? {}),
    weight: proposal.weight,
  };
}

function priorityOf(
  isKnown: boolean,
  { effort, impact }: { effort: number; impact: number },
): 'high' | 'medium' | 'low' {
  const score = impact - effort / 2;
  if (isKnown && score >= 1.5) return 'high';
  return score >= 0 ? 'medium' : 'low';
}

/** The rows and steps as they are now; a step that was ticked off stays so while it reads the same. */
async function writeRows({ tx, workspaceId }: Inside, suggestionId: string, proposal: Proposal): Promise<void> {
  await tx.deleteFrom('suggestionEvidence').where('suggestionId', '=', suggestionId).execute();
  const before = await tx
    .deleteFrom('suggestionActions')
    .where('suggestionId', '=', suggestionId)
    .returning(['text', 'doneAt', 'doneBy'])
    .execute();
  const ticks = new Map(before.map(({ text, ...tick }) => [text, tick]));
  if (proposal.evidence.length > 0)
    await tx
      .insertInto('suggestionEvidence')
      .values(
        proposal.evidence.map(({ label, table, rowId, value, unit }, position) => ({
          workspaceId,
          suggestionId,
          position,
          label,
          tableName: table,
          rowId,
          value: value === null ? null : String(value),
          unit: unit ?? 'count',
        })),
      )
      .execute();
  await tx
    .insertInto('suggestionActions')
    .values(
      proposal.actions.map((text, position) => ({ workspaceId, suggestionId, position, text, ...ticks.get(text) })),
    )
    .execute();
}

/** Proposals whose condition has not held for a while; nobody decided against them, so they may come back at once. */
async function expire(inside: Inside, appId: string): Promise<void> {
  const gone = await inside.tx
    .updateTable('suggestions')
    .set({ state: 'expired', place: null })
    .where('appId', '=', appId)
    .where('state', '=', 'proposed')
    .where('expiresAt', '<', inside.clock.now())
    .returning('id')
    .execute();
  if (gone.length === 0) return;
  await inside.tx
    .insertInto('suggestionDecisions')
    .values(
      gone.map(({ id }) => ({
        workspaceId: inside.workspaceId,
        suggestionId: id,
        toState: 'expired',
        note: 'The rows no longer say so.',
        decidedBy: 'system',
        decidedAt: inside.clock.now(),
      })),
    )
    .execute();
}

async function knownRows({ tx }: Inside, appId: string): Promise<Row[]> {
  const rows = await tx
    .selectFrom('suggestions as s')
    .select(['s.id', 's.kind', 's.subject', 's.state', 's.weight', 's.measure'])
    .select((eb) =>
      eb
        .selectFrom('suggestionDecisions as d')
        .select((inner) => inner.fn.max('d.decidedAt').as('at'))
        .whereRef('d.suggestionId', '=', 's.id')
        .as('closedAt'),
    )
    .where('s.appId', '=', appId)
    .where('s.kind', '<>', '')
    .execute();
  return rows.map((row) => ({ ...row, measure: row.measure as Measure | null }));
}
