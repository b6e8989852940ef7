import { createHash } from 'node:crypto';
import { z } from 'zod';
import { record } from '#src/activity.ts';
import { actorName, type Context, type Inside, transaction } from '#src/context.ts';
import { type Scheduled, schedule } from '#src/distribute/publications/schedule.ts';
import { audit } from '#src/people/audit.ts';
import { type Column, type CsvProblem, columns, readCsv } from '#src/plan/calendar/csv.ts';
import { createPost } from '#src/plan/posts.ts';
import { Refusal, refuse } from '#src/refusal.ts';
import { Bad, campaignOf, type House, houseOf, linkOf, type Read, type Row, readRow } from './rows.ts';

export const importResult = z.object({
  dryRun: z.boolean(),
  /** False when it was a dry run, or when a row was bad: then nothing was written. */
  imported: z.boolean(),
  /** When the very same file was imported before. */
  importedBefore: z.date().nullable(),
  posts: z.int(),
  scheduled: z.int(),
  drafts: z.int(),
  rows: z.array(
    z.object({
      line: z.int(),
      title: z.string(),
      platform: z.string(),
      account: z.string().nullable(),
      /** When it goes out, or is proposed for. */
      at: z.date().nullable(),
      becomes: z.enum(['scheduled', 'draft']),
    }),
  ),
  /** Line and column of the file; a column of null means the row, or the file. */
  problems: z.array(z.object({ line: z.int(), column: z.enum(columns).nullable(), reason: z.string() })),
});
export type ImportResult = z.input<typeof importResult>;

type Wanted = {
  appId: string;
  csv: string;
  dryRun: boolean;
  /** Schedule what names an account; else all become drafts for their moments. */
  schedules: boolean;
  again: boolean;
  evenIfSimilar: boolean;
  timeZone?: string | undefined;
};

/**
 * Imports a table of posts. With `dryRun` everything is done and undone, so that what it says is what would happen. Else
 * all rows or none: one bad row and nothing is written. The same file a second time is refused unless `again` is said.
 */
export async function importCsv(context: Context, wanted: Wanted): Promise<ImportResult> {
  const undo = new Undo();
  try {
    return await transaction(context, async (inside) => {
      const result = await importInside(inside, wanted);
      if (result.imported) return result;
      undo.result = result;
      throw undo;
    });
  } catch (error) {
    if (error === undo && undo.result) return undo.result;
    throw error;
  }
}

/** Rolls the transaction back and carries what it found. */
class Undo extends Error {
  result: ImportResult | undefined;
}

async function importInside(inside: Inside, wanted: Wanted): Promise<ImportResult> {
  const { tx, workspaceId, clock } = inside;
  // One import of an app at a time: two of the same file cannot both find that it is new.
  const app = await tx.selectFrom('apps').select('id').where('id', '=', wanted.appId).forUpdate().executeTakeFirst();
  if (!app) throw refuse('not_found', 'not_found', 'There is no app with this id in this workspace.');
  const sha256 = createHash('sha256').update(wanted.csv).digest('hex');
  const before = await tx
    .selectFrom('calendarImports')
    .select('importedAt')
    .where('appId', '=', app.id)
    .where('sha256', '=', sha256)
    .orderBy('importedAt', 'desc')
    .executeTakeFirst();
  if (before && !wanted.again && !wanted.dryRun)
    throw refuse(
      'conflict',
      'already_imported',
      'This file was imported before. Its posts would stand twice; say that it is meant to import it again.',
    );
  const { rows, problems } = readCsv(wanted.csv);
  const result: ImportResult = {
    dryRun: wanted.dryRun,
    imported: false,
    importedBefore: before?.importedAt ?? null,
    posts: 0,
    scheduled: 0,
    drafts: 0,
    rows: [],
    problems,
  };
  const house = await houseOf(inside, wanted);
  for (const group of groupsOf(rows)) await importPost(inside, wanted, house, group, result);
  result.problems.sort((a, b) => a.line - b.line);
  result.rows.sort((a, b) => a.line - b.line);
  if (wanted.dryRun || result.problems.length > 0) return result;
  await tx
    .insertInto('calendarImports')
    .values({
      workspaceId,
      appId: app.id,
      sha256,
      rows: rows.length,
      posts: result.posts,
      importedBy: actorName(inside.who),
      importedAt: clock.now(),
    })
    .execute();
  await audit(inside, { operation: 'calendar.importCsv', subject: app.id, after: { sha256, posts: result.posts } });
  await record(inside, 'calendar.imported', { subjectId: app.id, detail: { posts: result.posts } });
  return { ...result, imported: true };
}

/** Rows that name the same post are one; the others stand for themselves. */
function groupsOf(rows: readonly Row[]): Row[][] {
  const groups = Map.groupBy(rows, ({ line, row }) => (row.post.trim() ? `post ${row.post.trim()}` : line));
  return [...groups.values()];
}

async function importPost(
  inside: Inside,
  wanted: Wanted,
  house: House,
  group: readonly Row[],
  result: ImportResult,
): Promise<void> {
  const reads: Read[] = [];
  for (const row of group) {
    const read = caught(result.problems, row.line, () => readRow(inside, house, row));
    if (read) reads.push(read);
  }
  const [first] = reads;
  if (!first || reads.length < group.length) return;
  const variants = new Map<string, Read>();
  for (const read of reads) {
    const same = variants.get(read.platform);
    if (same && JSON.stringify(same.variant) !== JSON.stringify(read.variant)) {
      const reason = `Line ${same.line} gives the same post another text for ${read.platform}. A post has one text for each platform.`;
      result.problems.push({ line: read.line, column: 'text', reason });
      return;
    }
    variants.set(read.platform, same ?? read);
  }
  const cells = (column: Column) => reads.map(({ row }) => row[column].trim()).find((cell) => cell !== '') ?? '';
  const schedules = (read: Read) => wanted.schedules && read.account !== null;
  let post: { id: string; title: string };
  try {
    const link = linkOf(cells('link'));
    const campaignId = campaignOf(house, cells('campaign'));
    const proposed = reads.find((read) => !schedules(read) && read.at)?.at ?? null;
    const made = await createPost(inside, {
      appId: wanted.appId,
      source: 'import',
      ...(cells('title') ? { title: cells('title').slice(0, 300) } : {}),
      ...(link === undefined ? {} : { linkUrl: link }),
      campaignId,
      proposedFor: proposed,
      variants: [...variants.values()].map((read) => read.variant),
    });
    post = await inside.tx
      .selectFrom('posts')
      .select(['id', 'title'])
      .where('id', '=', made.id)
      .executeTakeFirstOrThrow();
  } catch (error) {
    note(result.problems, first.line, error);
    return;
  }
  result.posts += 1;
  for (const read of reads) await place(inside, wanted, post, read, schedules(read), result);
}

async function place(
  inside: Inside,
  wanted: Wanted,
  post: { id: string; title: string },
  read: Read,
  schedules: boolean,
  result: ImportResult,
): Promise<void> {
  let made: Scheduled | undefined;
  if (schedules && read.account) {
    const when = read.at ? { at: read.at } : ('next_slot' as const);
    const { evenIfSimilar } = wanted;
    try {
      [made] = await schedule(inside, { postId: post.id, accountIds: [read.account.id], when, evenIfSimilar });
    } catch (error) {
      note(result.problems, read.line, error);
      return;
    }
  } else if (read.at && read.at <= inside.clock.now()) {
    result.problems.push({ line: read.line, column: 'date', reason: 'This moment is over. Choose a later one.' });
    return;
  }
  if (made) result.scheduled += 1;
  else result.drafts += 1;
  result.rows.push({
    line: read.line,
    title: post.title,
    platform: read.platform,
    account: read.account?.handle ?? null,
    at: made?.dueAt ?? read.at,
    becomes: made ? 'scheduled' : 'draft',
  });
}

function caught<T>(problems: CsvProblem[], line: number, run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    note(problems, line, error);
    return undefined;
  }
}

const COLUMN_OF: Record<string, Column> = {
  in_the_past: 'date',
  too_far: 'date',
  no_slot: 'account',
  account_removed: 'account',
  needs_review: 'account',
  already_scheduled: 'account',
  platform_unknown: 'platform',
  not_found: 'media',
};

function note(problems: CsvProblem[], line: number, error: unknown): void {
  if (error instanceof Bad) problems.push({ line, column: error.column, reason: error.message });
  else if (error instanceof Refusal)
    problems.push({ line, column: COLUMN_OF[error.reason] ?? 'text', reason: error.message });
  else throw error;
}
