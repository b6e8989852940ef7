import { sql } from 'kysely';
import { z } from 'zod';
import type { Inside } from '#src/context.ts';
import { id } from '#src/operation.ts';
import { priceOfAct } from './price.ts';
import { can, isFeedRule, readRule, rule } from './rule.ts';

export const shownAutomation = z.object({
  id,
  appId: id,
  name: z.string(),
  account: z.object({ id, platform: z.string(), handle: z.string() }).nullable(),
  rule,
  on: z.boolean(),
  switchedOnAt: z.date().nullable(),
  createdAt: z.date(),
  /** When it last looked at the numbers or read its feed. */
  lookedAt: z.date().nullable(),
  /** How often in a row its feed could not be read, and why. */
  failures: z.int(),
  lastError: z.string().nullable(),
  /** How often it acted in the last 30 days. */
  acted: z.int(),
  actedAt: z.date().nullable(),
  /** What acting once costs where it costs most, millionths of a US dollar. */
  micros: z.int(),
});

export const shownRun = z.object({
  id,
  automation: z.object({ id, name: z.string(), kind: z.string() }),
  at: z.date(),
  outcome: z.enum(['done', 'skipped', 'failed']),
  /** What set it off, in a sentence. */
  cause: z.string(),
  /** What came of it. */
  message: z.string().nullable(),
  post: z.object({ id, title: z.string(), status: z.string() }).nullable(),
});

/** The rules of an app that were not removed, the oldest first. */
export async function listAutomations(inside: Inside, appId: string): Promise<z.input<typeof shownAutomation>[]> {
  const { tx, clock } = inside;
  const rows = await tx
    .selectFrom('automations')
    .leftJoin('accounts', 'accounts.id', 'automations.accountId')
    .select(['automations.id', 'appId', 'automations.name', 'kind', 'settings', 'switchedOnAt', 'createdAt'])
    .select(['lookedAt', 'failures', 'automations.lastError', 'accountId', 'accounts.platform', 'accounts.handle'])
    .select((eb) => [
      eb
        .selectFrom('automationRuns')
        .select((in_) => in_.fn.countAll<number>().as('count'))
        .whereRef('automationRuns.automationId', '=', 'automations.id')
        .where('outcome', '=', 'done')
        .where('at', '>', new Date(clock.now().getTime() - 30 * 86_400_000))
        .as('acted'),
      eb
        .selectFrom('automationRuns')
        .select((in_) => in_.fn.max('at').as('at'))
        .whereRef('automationRuns.automationId', '=', 'automations.id')
        .where('outcome', '=', 'done')
        .as('actedAt'),
    ])
    .where('appId', '=', appId)
    .where('automations.removedAt', 'is', null)
    .orderBy('createdAt')
    .execute();
  const connected = await tx
    .selectFrom('accounts')
    .select('platform')
    .distinct()
    .where('status', '<>', 'removed')
    .execute();
  const shown = [];
  for (const { kind, settings, accountId, platform, handle, ...row } of rows) {
    const one = readRule({ kind, settings });
    const platforms = (platform ? [platform] : connected.map((account) => account.platform)).filter((name) => {
      const adapter = inside.platforms.get(name);
      return adapter && can(adapter, one.kind);
    });
    let micros = 0;
    if (!isFeedRule(one)) for (const name of platforms) micros = Math.max(micros, await priceOfAct(inside, one, name));
    shown.push({
      ...row,
      account: accountId && platform && handle ? { id: accountId, platform, handle } : null,
      rule: one,
      on: row.switchedOnAt !== null,
      acted: row.acted ?? 0,
      micros,
    });
  }
  return shown;
}

/** What the rules of an app did, newest first. The cursor is the id of the last one shown. */
export async function listRuns(
  { tx }: Inside,
  wanted: { appId: string; automationId?: string | undefined; limit: number; cursor?: string | undefined },
) {
  const rows = await tx
    .selectFrom('automationRuns')
    .innerJoin('automations', 'automations.id', 'automationRuns.automationId')
    .leftJoin('posts', 'posts.id', 'automationRuns.postId')
    .select(['automationRuns.id', 'automationRuns.at', 'automationRuns.outcome', 'automationRuns.cause'])
    .select(['automationRuns.message', 'automations.id as automationId', 'automations.name', 'automations.kind'])
    .select(['posts.id as postId', 'posts.title', 'posts.status'])
    .where('automations.appId', '=', wanted.appId)
    .$if(wanted.automationId !== undefined, (q) => q.where('automations.id', '=', wanted.automationId ?? ''))
    .$if(wanted.cursor !== undefined, (q) =>
      q.where(
        sql<boolean>`(automation_runs.at, automation_runs.id) < (select last.at, last.id from automation_runs last where last.id = ${wanted.cursor}::uuid)`,
      ),
    )
    .orderBy('automationRuns.at', 'desc')
    .orderBy('automationRuns.id', 'desc')
    .limit(wanted.limit)
    .execute();
  return {
    runs: rows.map(({ automationId, name, kind, postId, title, status, ...row }) => ({
      ...row,
      automation: { id: automationId, name, kind },
      post: postId && title !== null && status ? { id: postId, title, status } : null,
    })),
    cursor: rows.length === wanted.limit ? (rows.at(-1)?.id ?? null) : null,
  };
}
