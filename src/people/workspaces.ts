import { z } from 'zod';
import { record } from '#src/activity.ts';
import { asSystem, type Context, type Inside, type Role, shared, transaction, type World } from '#src/context.ts';
import { done, id, nothing, openOperation, operation } from '#src/operation.ts';
import { audit } from '#src/people/audit.ts';
import { refuse } from '#src/refusal.ts';
import { randomToken } from '#src/secrets.ts';

/** Makes a workspace with `userId` as its owner. */
export async function createWorkspace(
  world: World,
  wanted: { name: string; userId: string; timeZone?: string; currency?: string; demo?: boolean },
): Promise<string> {
  const workspaceId = await shared(world, async (tx) => {
    const row = await tx
      .insertInto('workspaces')
      .values({
        name: wanted.name,
        slug: `${slugOf(wanted.name)}-${randomToken(4)
          .toLowerCase()
          .replaceAll(/[^a-z0-9]/g, '0')}`,
        timeZone: wanted.timeZone ?? 'UTC',
        currency: wanted.currency ?? 'USD',
        demo: wanted.demo ?? false,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    await tx.insertInto('memberships').values({ workspaceId: row.id, userId: wanted.userId, role: 'owner' }).execute();
    return row.id;
  });
  await transaction(asSystem(world, workspaceId, 'workspace created'), (inside) =>
    audit(inside, { operation: 'workspaces.create', subject: workspaceId, after: { name: wanted.name } }),
  );
  return workspaceId;
}

/** The workspaces a user belongs to, oldest first. */
export function workspacesOf(world: World, userId: string) {
  return shared(world, (tx) =>
    tx
      .selectFrom('memberships as m')
      .innerJoin('workspaces as w', 'w.id', 'm.workspaceId')
      .select(['w.id', 'w.name', 'w.slug', 'w.timeZone', 'w.currency', 'w.demo', 'm.role'])
      .where('m.userId', '=', userId)
      .orderBy('w.createdAt')
      .execute(),
  );
}

/** Name, zone, currency, review and short domain of the context's workspace. */
export function workspaceOf(context: Context) {
  return transaction(context, ({ tx, workspaceId }) =>
    tx
      .selectFrom('workspaces')
      .select(['id', 'name', 'timeZone', 'currency', 'demo', 'needsApproval', 'linkDomain'])
      .where('id', '=', workspaceId)
      .executeTakeFirstOrThrow(),
  );
}

/** Whether a zone name is one this runtime knows. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function slugOf(name: string): string {
  const slug = name
    .toLowerCase()
    .normalize('NFKD')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  return slug.slice(0, 40) || 'workspace';
}

const timeZone = z.string().refine(isTimeZone, 'This is not an IANA time zone such as Europe/Berlin.');
const currency = z.string().regex(/^[A-Z]{3}$/, 'A currency is three capital letters, e.g. EUR.');
const linkDomain = z
  .string()
  .trim()
  .toLowerCase()
  .max(253)
  .regex(
    /^(?=.*[a-z])[a-z0-9-]+(\.[a-z0-9-]+)+$/,
    'A domain is a name such as go.example.com, without https:// or a path.',
  );
const role = z.enum(['owner', 'editor', 'viewer']);
const shown = z.object({ id, name: z.string(), timeZone: z.string(), currency: z.string(), demo: z.boolean(), role });

export const workspaceOperations = {
  list: openOperation({
    summary: 'List the workspaces you belong to.',
    route: 'GET /workspaces',
    access: 'read',
    reach: 'person',
    input: nothing,
    output: z.object({ workspaces: z.array(shown) }),
    run: async ({ world, who }) => {
      const rows = await workspacesOf(world, who?.kind === 'user' ? who.id : '');
      return { workspaces: rows.map((row) => ({ ...row, role: row.role as Role })) };
    },
  }),
  create: openOperation({
    summary: 'Create a workspace; you become its owner.',
    route: 'POST /workspaces',
    access: 'write',
    reach: 'person',
    input: z.strictObject({
      name: z.string().trim().min(1).max(120),
      timeZone: timeZone.optional(),
      currency: currency.optional(),
    }),
    output: z.object({ id }),
    run: async ({ world, who }, input) => {
      if (who?.kind !== 'user') throw refuse('unauthorised', 'sign_in', 'Sign in first.');
      return { id: await createWorkspace(world, { ...input, userId: who.id }) };
    },
  }),
  current: operation({
    summary: 'Show this workspace.',
    route: 'GET /workspace',
    access: 'read',
    input: nothing,
    output: z.object({
      id,
      name: z.string(),
      timeZone: z.string(),
      currency: z.string(),
      demo: z.boolean(),
      /** Posts are reviewed and approved by an owner before anything of them is scheduled. */
      needsApproval: z.boolean(),
      /** Whether your own word is enough for that. */
      mayApprove: z.boolean(),
    }),
    run: async (context) => {
      const workspace = await workspaceOf(context);
      const owns = context.who.kind === 'user' && context.who.role === 'owner';
      return { ...workspace, mayApprove: owns || !workspace.needsApproval };
    },
  }),
  update: operation({
    summary: 'Change the name, time zone, currency, review or short domain of this workspace.',
    route: 'PATCH /workspace',
    access: 'write',
    role: 'owner',
    input: z.strictObject({
      name: z.string().trim().min(1).max(120).optional(),
      timeZone: timeZone.optional(),
      currency: currency.optional(),
      needsApproval: z.boolean().optional(),
      linkDomain: linkDomain.nullable().optional(),
    }),
    output: done,
    run: (context, input) =>
      transaction(context, async (inside) => {
        if (Object.values(input).every((value) => value === undefined))
          throw refuse('invalid', 'nothing_to_change', 'Name at least one field to change.');
        if (input.linkDomain) await assertDomainFree(inside, input.linkDomain);
        if (input.currency !== undefined) await record(inside, 'workspace.currency_changed');
        const before = await workspaceOf(inside);
        await inside.tx.updateTable('workspaces').set(input).where('id', '=', inside.workspaceId).execute();
        if (input.timeZone !== undefined && input.timeZone !== before.timeZone)
          await record(inside, 'time_zone.changed', { detail: { from: before.timeZone, to: input.timeZone } });
        await audit(inside, { operation: 'workspaces.update', subject: inside.workspaceId, after: input });
        return { done: true };
      }),
  }),
};

/** A short domain is one workspace's, and never the address under which Fanfare itself is used. */
async function assertDomainFree({ tx, workspaceId, publicUrl }: Inside, domain: string): Promise<void> {
  if (domain === new URL(publicUrl).hostname)
    throw refuse('invalid', 'link_domain', 'Fanfare itself is used under this address. Choose another one for links.');
  const other = await tx
    .selectFrom('workspaces')
    .select('id')
    .where('linkDomain', '=', domain)
    .where('id', '<>', workspaceId)
    .executeTakeFirst();
  if (other) throw refuse('conflict', 'link_domain_taken', 'Another workspace of this server uses this domain.');
}
