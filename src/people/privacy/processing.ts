import { sql } from 'kysely';
import { z } from 'zod';
import { transaction } from '#src/context.ts';
import { nothing, operation } from '#src/operation.ts';
import { whoseTitles } from '#src/people/privacy/document.ts';
import { leaves, tiers } from '#src/people/privacy/leaves.ts';
import { selfCheck } from '#src/people/privacy/self-check.ts';
import { columnsIn, tables, type Whose } from '#src/people/privacy/tables.ts';

const whose = z.enum(Object.keys(whoseTitles) as [Whose, ...Whose[]]);
const tier = z.enum(['anonymous', 'consented']);

export const processingOperations = {
  processing: operation({
    summary: 'Show what is kept of whom, why and how long, how visitors are counted, and what leaves to whom.',
    route: 'GET /privacy/processing',
    access: 'read',
    input: nothing,
    output: z.object({
      groups: z.array(
        z.object({
          whose,
          title: z.string(),
          seen: z.string(),
          tables: z.array(
            z.object({ table: z.string(), columns: z.array(z.string()), why: z.string(), until: z.string() }),
          ),
        }),
      ),
      leaves: z.array(z.object({ what: z.string(), to: z.string(), when: z.string() })),
      tiers: z.array(z.object({ tier, title: z.string(), words: z.string() })),
      /** Visitors of the last 30 days. Without consent somebody counts once a day. */
      apps: z.array(z.object({ appId: z.uuid(), name: z.string(), tier, withConsent: z.int(), without: z.int() })),
    }),
    run: (context) =>
      transaction(context, async ({ tx, clock }) => {
        const since = new Date(clock.now().getTime() - 30 * 86_400_000);
        // As measure/events keeps who agreed; the others are daily hashes.
        const apps = await sql<{
          appId: string;
          name: string;
          tier: 'anonymous' | 'consented';
          withConsent: number;
          without: number;
        }>`
          select a.id as "appId", a.name, t.privacy_tier as tier,
            (select count(distinct visitor) from visits v where v.workspace_id = a.workspace_id and v.app_id = a.id and v.started_at >= ${since}
              and agent_class in ('human', 'unsure') and starts_with(visitor, 'id:')) as "withConsent",
            (select count(distinct visitor) from visits v where v.workspace_id = a.workspace_id and v.app_id = a.id and v.started_at >= ${since}
              and agent_class in ('human', 'unsure') and not starts_with(visitor, 'id:')) as "without"
          from apps a join tracking_settings t on t.workspace_id = a.workspace_id and t.app_id = a.id order by a.name, a.id`.execute(
          tx,
        );
        return {
          groups: Object.entries(whoseTitles).map(([name, { title, seen }]) => ({
            ...{ whose: name as Whose, title, seen },
            tables: [...tables].flatMap(([table, { people, who, prose }]) =>
              people?.whose === name
                ? [{ table, columns: [...columnsIn(who), ...columnsIn(prose)], why: people.why, until: people.until }]
                : [],
            ),
          })),
          leaves: [...leaves],
          tiers: Object.entries(tiers).map(([name, said]) => ({ tier: name as 'anonymous', ...said })),
          apps: apps.rows,
        };
      }),
  }),
  selfCheck: operation({
    summary: 'Answer what a privacy officer would ask, from how things stand, with what to do.',
    route: 'GET /privacy/self-check',
    access: 'read',
    role: 'owner',
    input: nothing,
    output: z.object({
      answers: z.array(
        z.object({
          key: z.string(),
          question: z.string(),
          /** good; look = somebody should look at it; not_used = the question does not arise. */
          answer: z.enum(['good', 'look', 'not_used']),
          says: z.string(),
          todo: z.string().nullable(),
          path: z.string().nullable(),
        }),
      ),
    }),
    run: async (context) => ({ answers: await selfCheck(context) }),
  }),
};
