import { sql } from 'kysely';
import { Temporal } from 'temporal-polyfill';
import { z } from 'zod';
import { type Context, type Inside, shared, transaction, userOf } from '#src/context.ts';
import { done, idCursor, nothing, operation, pageInput } from '#src/operation.ts';
import { audit } from '#src/people/audit.ts';
import { workspaceOf } from '#src/people/workspaces.ts';
import { refuse } from '#src/refusal.ts';

type Part = {
  table: string;
  time: string;
  key: readonly string[];
  /** The server may only add rows: they go by the database's own door. */
  door?: true;
  /** Kept by months: what every workspace lets go is dropped at once. */
  months?: true;
  /** The row stays, without this text. */
  empties?: string;
  /** Rows that stay, however old. */
  but?: string;
};

export type DataClass =
  | 'events'
  | 'clicks'
  | 'metric_snapshots'
  | 'payment_events'
  | 'ai_calls'
  | 'activities'
  | 'inbox'
  | 'page_versions';

/** What is kept by classes, the least number of days that the product needs of each, and what stays when rows go. */
export const classes: Record<DataClass, { what: string; stays: string; least: number; parts: readonly Part[] }> = {
  events: {
    what: 'Visits and events of your sites, one by one',
    stays: 'Totals by day and week, signups, purchases, and what was credited for them',
    least: 60,
    parts: [
      { table: 'events', time: 'occurred_at', key: ['app_id', 'occurred_at', 'id'], months: true },
      { table: 'visits', time: 'started_at', key: ['app_id', 'started_at', 'id'], months: true },
    ],
  },
  clicks: {
    what: 'Clicks on tracked links, one by one',
    stays: 'Totals, and the credit of the posts',
    least: 60,
    parts: [{ table: 'clicks', time: 'occurred_at', key: ['occurred_at', 'id'], months: true }],
  },
  metric_snapshots: {
    what: 'A post’s counters at each moment they were read',
    stays: 'The newest counters of each post',
    least: 90,
    parts: [{ table: 'metric_snapshots', time: 'taken_at', key: ['publication_part_id', 'taken_at'], months: true }],
  },
  payment_events: {
    what: 'What the payment provider sent, word for word',
    stays: 'Payments, refunds, fees, subscriptions and the ledger',
    least: 90,
    parts: [
      {
        table: 'payment_events',
        time: 'received_at',
        key: ['id'],
        empties: 'body', // What the app itself recorded is read again when it is refunded or moved.
        but: `processed_at is null or outcome is null or outcome not in ('applied', 'ignored') or payment_source_id in (select id from payment_sources where provider = 'api')`,
      },
    ],
  },
  ai_calls: {
    what: 'What a model was asked for, what it answered and what it cost',
    stays: 'What was made of the answers',
    least: 62,
    parts: [{ table: 'ai_calls', time: 'started_at', key: ['id'], door: true }],
  },
  activities: {
    what: 'What happened, and what it set off',
    stays: 'The audit log',
    least: 30,
    parts: [
      { table: 'flow_runs', time: 'started_at', key: ['id'], but: `outcome = 'running'` },
      { table: 'activities', time: 'happened_at', key: ['id'], door: true },
    ],
  },
  inbox: {
    what: 'Replies and mentions, and who wrote them',
    stays: 'Your own answers, as posts',
    least: 30,
    parts: [
      { table: 'inbox_items', time: 'received_at', key: ['id'] },
      {
        table: 'contacts',
        time: 'first_seen_at',
        key: ['id'],
        but: 'exists (select from inbox_items i where i.workspace_id = contacts.workspace_id and i.contact_id = contacts.id)',
      },
    ],
  },
  page_versions: {
    what: 'Earlier versions of pages that were read',
    stays: 'The newest version of each page, and what was learned from the others',
    least: 30,
    parts: [{ table: 'page_versions', time: 'read_at', key: ['id'], door: true }],
  },
};

const names = Object.keys(classes) as DataClass[];
/** Rows removed by one transaction. */
const AT_ONCE = 5000;

/**
 * Removes what the workspace has set to be kept no longer, batch by batch, and notes what went. Whole months that no
 * workspace keeps go first, as partitions. Safe to run twice, and to cut short. Returns how many rows went.
 */
export async function purge(context: Context): Promise<number> {
  const settings = await transaction(context, ({ tx }) =>
    tx.selectFrom('retentionSettings').select(['dataClass', 'days']).execute(),
  );
  if (settings.length === 0) return 0;
  const { timeZone } = await workspaceOf(context);
  let removed = 0;
  for (const { dataClass, days } of settings) {
    const before = keptFrom(context.clock.now(), days, timeZone);
    for (const part of classes[dataClass].parts) {
      if (part.months) await dropMonths(context, part.table, dataClass);
      removed += await purgePart(context, dataClass, part, before);
    }
  }
  return removed;
}

/** The beginning of the first local day that is kept: days are never kept by half, so that they can be counted again. */
export function keptFrom(now: Date, days: number, timeZone: string): Date {
  const first = Temporal.Instant.fromEpochMilliseconds(now.getTime())
    .toZonedDateTimeISO(timeZone)
    .startOfDay()
    .subtract({ days });
  return new Date(first.startOfDay().epochMilliseconds);
}

/** A month somebody is reading is left for the next day. */
async function dropMonths(context: Context, table: string, dataClass: DataClass): Promise<void> {
  await shared(context, async (tx) => {
    await sql`set local lock_timeout = '3s'`.execute(tx);
    await sql`select drop_months(${table}, ${dataClass}, ${context.clock.now()})`.execute(tx);
  }).catch((error: Error & { code?: string }) => {
    if (error.code !== '55P03') throw error;
    context.log.info({ table }, 'A month to be dropped is in use and waits until tomorrow');
  });
}

async function purgePart(context: Context, dataClass: DataClass, part: Part, before: Date): Promise<number> {
  let removed = 0;
  for (let batch = AT_ONCE; batch === AT_ONCE; removed += batch)
    batch = await transaction(context, (inside) => purgeBatch(inside, dataClass, part, before));
  if (removed > 0)
    await transaction(context, ({ tx, workspaceId, clock }) =>
      tx
        .insertInto('purges')
        .values({ workspaceId, tableName: part.table, olderThan: before, rowsRemoved: removed, at: clock.now() })
        .execute(),
    );
  return removed;
}

async function purgeBatch(
  { tx, workspaceId }: Inside,
  dataClass: DataClass,
  part: Part,
  before: Date,
): Promise<number> {
  if (part.door) {
    const { rows } = await sql<{ removed: number }>`
      select purge_batch(${dataClass}, ${part.table}, ${part.time}, ${before}, ${AT_ONCE}) as removed`.execute(tx);
    return rows[0]?.removed ?? 0;
  }
  const table = sql.table(part.table);
  const key = sql.join(part.key.map((name) => sql.ref(name)));
  const same = sql.join(
    part.key.map((name) => sql`${sql.ref(`${part.table}.${name}`)} = ${sql.ref(`old.${name}`)}`),
    sql` and `,
  );
  const old = sql`(select ${key} from ${table} where workspace_id = ${workspaceId} and ${sql.ref(part.time)} < ${before}
    and ${part.empties ? sql`${sql.ref(part.empties)} <> ''` : sql`true`} and not (${part.but ? sql.raw(part.but) : sql`false`}) limit ${AT_ONCE}) old`;
  const { numAffectedRows } = part.empties
    ? await sql`update ${table} set ${sql.ref(part.empties)} = '' from ${old} where ${sql.ref(`${part.table}.workspace_id`)} = ${workspaceId} and ${same}`.execute(
        tx,
      )
    : await sql`delete from ${table} using ${old} where ${sql.ref(`${part.table}.workspace_id`)} = ${workspaceId} and ${same}`.execute(
        tx,
      );
  return Number(numAffectedRows ?? 0n);
}

const dataClass = z.enum(names as [DataClass, ...DataClass[]]);

export const retentionOperations = {
  list: operation({
    summary: 'List the classes of data, how long each is kept, and from when on its rows are there.',
    route: 'GET /retention',
    access: 'read',
    input: nothing,
    output: z.object({
      classes: z.array(
        z.object({
          dataClass,
          what: z.string(),
          stays: z.string(),
          least: z.int(),
          /** null = always. */
          days: z.int().nullable(),
          /** Rows from before are gone; null = none went. */
          goneBefore: z.date().nullable(),
          removed: z.int(),
        }),
      ),
    }),
    run: (context) =>
      transaction(context, async ({ tx }) => {
        const settings = await tx.selectFrom('retentionSettings').select(['dataClass', 'days']).execute();
        const gone = await tx
          .selectFrom('purges')
          .select(['tableName'])
          .select((eb) => [eb.fn.max('olderThan').as('goneBefore'), eb.fn.sum<string>('rowsRemoved').as('removed')])
          .groupBy('tableName')
          .execute();
        return {
          classes: names.map((name) => {
            const { what, stays, least, parts } = classes[name];
            const went = gone.filter((row) => parts.some((part) => part.table === row.tableName));
            const times = went.map((row) => row.goneBefore.getTime());
            return {
              ...{ dataClass: name, what, stays, least },
              days: settings.find((row) => row.dataClass === name)?.days ?? null,
              goneBefore: times.length === 0 ? null : new Date(Math.max(...times)),
              removed: went.reduce((sum, row) => sum + Number(row.removed), 0),
            };
          }),
        };
      }),
  }),
  set: operation({
    summary: 'Set how many days a class of data is kept; null keeps it for good. What is older goes within a day.',
    route: 'PUT /retention/{dataClass}',
    access: 'destructive',
    role: 'owner',
    input: z.strictObject({ dataClass, days: z.int().min(1).max(36_500).nullable() }),
    output: done,
    run: (context, input) => transaction(context, (inside) => setRetention(inside, input)),
  }),
};

async function setRetention(inside: Inside, { dataClass, days }: { dataClass: DataClass; days: number | null }) {
  const { tx, workspaceId, clock } = inside;
  if (days !== null) await assertEnough(inside, dataClass, days);
  const before = await tx
    .selectFrom('retentionSettings')
    .select('days')
    .where('dataClass', '=', dataClass)
    .executeTakeFirst();
  if (days === null) await tx.deleteFrom('retentionSettings').where('dataClass', '=', dataClass).execute();
  else {
    const set = { days, updatedBy: userOf(inside), updatedAt: clock.now() };
    await tx
      .insertInto('retentionSettings')
      .values({ workspaceId, dataClass, ...set })
      .onConflict((oc) => oc.columns(['workspaceId', 'dataClass']).doUpdateSet(set))
      .execute();
  }
  await audit(inside, {
    operation: 'retention.set',
    subject: dataClass,
    before: { days: before?.days ?? null },
    after: { days },
  });
  return { done: true };
}

/** Attribution looks back over visits and clicks: what it may still credit has to be there. */
async function assertEnough({ tx }: Inside, dataClass: DataClass, days: number): Promise<void> {
  const { what, least } = classes[dataClass];
  if (days < least)
    throw refuse(
      'invalid',
      'too_short',
      `${what}: at least ${least} days are needed for the numbers that rest on them.`,
    );
  if (dataClass !== 'events' && dataClass !== 'clicks') return;
  const { rows } = await sql<{
    window: number | null;
  }>`select max(attribution_window_days) as window from tracking_settings`.execute(tx);
  const window = rows[0]?.window ?? 0;
  if (days <= window + 7)
    throw refuse(
      'conflict',
      'attribution_window',
      `Credit is given up to ${window} days after a visit, so visits and clicks are needed for more than ${window + 7} days. Shorten the window in Settings, Tracking first.`,
    );
}

export const purgeOperations = {
  list: operation({
    summary: 'List what retention removed, and when, newest first.',
    route: 'GET /purges',
    access: 'read',
    input: z.strictObject({ ...pageInput, cursor: idCursor }),
    output: z.object({
      purges: z.array(z.object({ id: z.uuid(), table: z.string(), olderThan: z.date(), rows: z.int(), at: z.date() })),
      cursor: z.string().nullable(),
    }),
    run: (context, { limit, cursor }) =>
      transaction(context, async ({ tx }) => {
        const purges = await tx
          .selectFrom('purges')
          .select(['id', 'tableName as table', 'olderThan', 'rowsRemoved as rows', 'at'])
          .$if(cursor !== undefined, (query) =>
            query.where((eb) =>
              eb(
                eb.refTuple('at', 'id'),
                '<',
                eb
                  .selectFrom('purges as last')
                  .select(['last.at', 'last.id'])
                  .where('last.id', '=', cursor ?? '')
                  .$asTuple('at', 'id'),
              ),
            ),
          )
          .orderBy('at', 'desc')
          .orderBy('id', 'desc')
          .limit(limit)
          .execute();
        return { purges, cursor: purges.length === limit ? (purges.at(-1)?.id ?? null) : null };
      }),
  }),
};
