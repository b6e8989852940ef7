import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { z } from 'zod';
import { actorName, type Context, type Inside, transaction } from '#src/context.ts';
import { numberCursor, operation, pageInput } from '#src/operation.ts';

type Values = Record<string, unknown>;

/**
 * Adds a link to the workspace's audit chain, in the transaction of the change itself. The hash covers the row and the
 * hash before it, so a changed or missing row is found by `verifyAudit`.
 */
export async function audit(
  inside: Inside,
  entry: { operation: string; subject?: string; before?: Values; after?: Values },
): Promise<void> {
  const head = await lockHead(inside);
  const row = {
    workspaceId: inside.workspaceId,
    sequence: head.sequence + 1,
    at: inside.clock.now(),
    actor: actorName(inside.who),
    operation: entry.operation,
    subject: entry.subject ?? null,
    address: inside.address,
    before: entry.before ? withoutPeople(inside, entry.before) : null,
    after: entry.after ? withoutPeople(inside, entry.after) : null,
    previousHash: head.hash,
  };
  const hash = hashOf(row);
  await inside.tx
    .insertInto('auditLog')
    .values({ ...row, hash })
    .execute();
  await inside.tx.updateTable('auditHeads').set({ sequence: row.sequence, hash }).execute();
}

/** Walks the chain from its beginning. `brokenAt` is the sequence number of the first row that does not fit. */
export async function verifyAudit(context: Context): Promise<{ rows: number; brokenAt: number | null }> {
  return transaction(context, async ({ tx }) => {
    let previous = '';
    let sequence = 0;
    for (;;) {
      const rows = await tx
        .selectFrom('auditLog')
        .select(['workspaceId', 'sequence', 'at', 'actor', 'operation', 'subject', 'address', 'previousHash', 'hash'])
        .select([sql<string | null>`before::text`.as('before'), sql<string | null>`after::text`.as('after')])
        .where('sequence', '>', sequence)
        .orderBy('sequence')
        .limit(1000)
        .execute();
      for (const row of rows) {
        if (row.sequence !== sequence + 1 || row.previousHash !== previous || hashOf(row) !== row.hash)
          return { rows: sequence, brokenAt: sequence + 1 };
        previous = row.hash;
        sequence = row.sequence;
      }
      if (rows.length === 0) break;
    }
    const head = await tx.selectFrom('auditHeads').select(['sequence', 'hash']).executeTakeFirst();
    const whole = (head?.sequence ?? 0) === sequence && (head?.hash ?? '') === previous;
    return { rows: sequence, brokenAt: whole ? null : sequence + 1 };
  });
}

/** Fields of sentences; the sentence itself stands in its own table. */
const SENTENCES = /^(statement|text|note|quote|description|consent|body)$/;
const ADDRESS = /[\p{L}\p{N}._%+-]+@[\p{L}\p{N}.-]+\.\p{L}{2,}/gu;

/**
 * The chain cannot be changed when a person is erased. So an e-mail address, and sentences, in which somebody may be
 * named, stand in it as a fingerprint: whether it was these words can be proved, what they were cannot be read.
 */
function withoutPeople({ secrets }: Inside, values: Values): string {
  const print = (text: string) => secrets.fingerprint('audited words', text).slice(0, 16);
  return JSON.stringify(values, (key, value: unknown) => {
    if (typeof value !== 'string') return value;
    if (SENTENCES.test(key) && value !== '') return `words ${print(value)}`;
    return value.replaceAll(ADDRESS, (address) => `address ${print(address.toLowerCase())}`);
  });
}

async function lockHead({ tx, workspaceId }: Inside): Promise<{ sequence: number; hash: string }> {
  await tx
    .insertInto('auditHeads')
    .values({ workspaceId, sequence: 0, hash: '' })
    .onConflict((oc) => oc.doNothing())
    .execute();
  return tx.selectFrom('auditHeads').select(['sequence', 'hash']).forUpdate().executeTakeFirstOrThrow();
}

type Link = {
  workspaceId: string;
  sequence: number;
  at: Date;
  actor: string;
  operation: string;
  subject: string | null;
  address: string | null;
  before: string | null;
  after: string | null;
  previousHash: string;
};

function hashOf(row: Link): string {
  const fields = [
    row.previousHash,
    row.workspaceId,
    row.sequence,
    row.at.toISOString(),
    row.actor,
    row.operation,
    row.subject,
    row.address,
    canonical(row.before),
    canonical(row.after),
  ];
  return createHash('sha256').update(JSON.stringify(fields)).digest('hex');
}

/** PostgreSQL keeps jsonb with keys in its own order; both sides are brought to one. */
function canonical(json: string | null): unknown {
  return json === null ? null : sorted(JSON.parse(json));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([key, inner]) => [key, sorted(inner)]);
}

export const auditOperations = {
  list: operation({
    summary: 'List what was done in this workspace, newest first.',
    route: 'GET /audit',
    access: 'read',
    role: 'owner',
    input: z.strictObject({ ...pageInput, cursor: numberCursor }),
    output: z.object({
      entries: z.array(
        z.object({
          sequence: z.int(),
          at: z.date(),
          actor: z.string(),
          operation: z.string(),
          subject: z.string().nullable(),
        }),
      ),
      cursor: z.string().nullable(),
    }),
    run: (context, input) =>
      transaction(context, async ({ tx }) => {
        const entries = await tx
          .selectFrom('auditLog')
          .select(['sequence', 'at', 'actor', 'operation', 'subject'])
          .$if(input.cursor !== undefined, (query) => query.where('sequence', '<', Number(input.cursor)))
          .orderBy('sequence', 'desc')
          .limit(input.limit)
          .execute();
        const last = entries.at(-1);
        return { entries, cursor: entries.length === input.limit && last ? String(last.sequence) : null };
      }),
  }),
  verify: operation({
    summary: 'Verify the chain of the audit log.',
    route: 'GET /audit/verification',
    access: 'read',
    role: 'owner',
    input: z.strictObject({}),
    output: z.object({ rows: z.int(), brokenAt: z.int().nullable() }),
    run: (context) => verifyAudit(context),
  }),
};
