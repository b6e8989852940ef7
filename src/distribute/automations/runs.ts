import { record } from '#src/activity.ts';
import { type Context, type Inside, transaction } from '#src/context.ts';

/** So long a process has a rule for itself, renewed before each call; no call takes longer than 30 s. */
const CLAIM = 60_000;
const DAY = 86_400_000;

export type Run = {
  automationId: string;
  /** What this run is about: the same cause never sets the rule off again. */
  dedupe: string;
  cause: string;
  outcome: 'done' | 'skipped' | 'failed';
  message?: string;
  publicationId?: string;
  postId?: string;
};

/** Writes down what a rule did and why, once per cause. */
export async function writeRun(inside: Inside, run: Run): Promise<void> {
  const row = await inside.tx
    .insertInto('automationRuns')
    .values({ ...run, workspaceId: inside.workspaceId, at: inside.clock.now() })
    .onConflict((oc) => oc.columns(['workspaceId', 'automationId', 'dedupe']).doNothing())
    .returning('id')
    .executeTakeFirst();
  if (!row || run.outcome !== 'done') return;
  await record(inside, 'automation.acted', {
    subjectId: run.automationId,
    detail: { cause: run.cause, postId: run.postId ?? null },
  });
}

/** How often the rule may still act within these 24 hours. */
export async function leftToday({ tx, clock }: Inside, automationId: string, perDay: number): Promise<number> {
  const { count } = await tx
    .selectFrom('automationRuns')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('automationId', '=', automationId)
    .where('outcome', '=', 'done')
    .where('at', '>', new Date(clock.now().getTime() - DAY))
    .executeTakeFirstOrThrow();
  return Math.max(0, perDay - count);
}

/**
 * Runs `act` as the only process that runs this rule; does nothing while another one does. `hold` renews the claim: false
 * when it was lost, or the rule switched off or removed meanwhile, and `act` has to stop.
 */
export async function asOnlyRunner(
  context: Context,
  automationId: string,
  act: (hold: () => Promise<boolean>) => Promise<void>,
): Promise<void> {
  let until = await claim(context, automationId, null);
  if (!until) return;
  const hold = async () => {
    until = until && (await claim(context, automationId, until));
    return until !== null;
  };
  try {
    await act(hold);
  } finally {
    const last = until;
    if (last)
      await transaction(context, ({ tx }) =>
        tx
          .updateTable('automations')
          .set({ claimedUntil: null })
          .where('id', '=', automationId)
          .where('claimedUntil', '=', last)
          .execute(),
      );
  }
}

/** The end of the claim, new or renewed from `before`; null when somebody else has it or the rule is off. */
async function claim(context: Context, automationId: string, before: Date | null): Promise<Date | null> {
  const now = context.clock.now();
  const claimedUntil = new Date(now.getTime() + CLAIM);
  const row = await transaction(context, ({ tx }) =>
    tx
      .updateTable('automations')
      .set({ claimedUntil })
      .where('id', '=', automationId)
      .where('switchedOnAt', 'is not', null)
      .where('removedAt', 'is', null)
      .where((eb) =>
        before
          ? eb('claimedUntil', '=', before)
          : eb.or([eb('claimedUntil', 'is', null), eb('claimedUntil', '<=', now)]),
      )
      .returning('id')
      .executeTakeFirst(),
  );
  return row ? claimedUntil : null;
}
