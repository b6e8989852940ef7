import { type InferSchemaInput, ORPCError, os } from '@orpc/server';
import { z } from 'zod';
import type { Actor, Context, Role, Scope, World } from '#src/context.ts';
import { Refusal, type RefusalKind, refuse } from '#src/refusal.ts';

/** What every door brings: the process, and who is asking (null = nobody yet). */
export type Caller = {
  world: World;
  who: Actor | null;
  workspaceId: string | null;
  address: string | null;
  requestId: string;
};

/** read: looks; write: changes what can be changed back; destructive: removes, spends or publishes for good. */
export type Access = 'read' | 'write' | 'destructive';

export type OperationMeta = { access: Access; role: Role; reach: 'workspace' | 'person' | 'everyone'; long: boolean };

const base = os
  .$context<Caller>()
  .$meta<OperationMeta>({ access: 'read', role: 'viewer', reach: 'workspace', long: false });

type Described<I extends z.ZodType, O extends z.ZodType> = {
  /** One sentence in the imperative: it is the API's summary, the CLI's help and the MCP tool's description. */
  summary: string;
  /** `GET /posts/{postId}`: method and path below /api/v1. */
  route: `${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} /${string}`;
  access: Access;
  /** Who may: viewers read, editors change; name `owner` where it needs one. */
  role?: Role;
  /** Keys with this narrower scope may do it too. */
  scope?: Scope;
  /** Takes longer than a request should: the CLI shows progress. */
  long?: boolean;
  /** A strict object: unknown fields are refused. */
  input: I;
  output: O;
};

/** An operation in a workspace. It stands once and every door is cut from it: typed client, HTTP, CLI, MCP. */
export function operation<I extends z.ZodType, O extends z.ZodType>(
  described: Described<I, O> & { run(context: Context, input: z.output<I>): Promise<z.input<O>> },
) {
  const role = described.role ?? (described.access === 'read' ? 'viewer' : 'editor');
  return procedure(described, {
    access: described.access,
    role,
    reach: 'workspace',
    long: described.long ?? false,
  }).handler(({ context, input }) =>
    settle<InferSchemaInput<O>>(
      () => described.run(enter(context, described, role), input as z.output<I>) as Promise<InferSchemaInput<O>>,
    ),
  );
}

/** An operation outside any workspace: for everyone (`setup.status`) or for a signed-in person (`workspaces.create`). */
export function openOperation<I extends z.ZodType, O extends z.ZodType>(
  described: Described<I, O> & {
    reach: 'person' | 'everyone';
    run(caller: Caller, input: z.output<I>): Promise<z.input<O>>;
  },
) {
  const meta = { access: described.access, role: 'viewer', reach: described.reach, long: false } as const;
  return procedure(described, meta).handler(({ context, input }) =>
    settle<InferSchemaInput<O>>(async () => {
      if (described.reach === 'person' && context.who?.kind !== 'user')
        throw refuse('unauthorised', 'sign_in', 'Sign in first.');
      return described.run(context, input as z.output<I>) as Promise<InferSchemaInput<O>>;
    }),
  );
}

function procedure<I extends z.ZodType, O extends z.ZodType>(described: Described<I, O>, meta: OperationMeta) {
  const [method, path] = described.route.split(' ') as ['GET', `/${string}`];
  return base
    .meta(meta)
    .route({ method, path, summary: described.summary, tags: [path.split('/')[1] ?? 'other'] })
    .input(described.input)
    .output(described.output);
}

const RANK: Record<Role, number> = { viewer: 0, editor: 1, owner: 2 };

function enter(caller: Caller, { access, scope }: { access: Access; scope?: Scope }, role: Role): Context {
  const { who, workspaceId } = caller;
  if (!who) throw refuse('unauthorised', 'sign_in', 'Sign in, or send an API key as "Authorization: Bearer <key>".');
  if (!workspaceId) throw refuse('unauthorised', 'no_workspace', 'You belong to no workspace yet. Create one first.');
  if (who.kind === 'user' && RANK[who.role] < RANK[role])
    throw refuse('forbidden', 'role', `This needs the role ${role} in this workspace; yours is ${who.role}.`);
  if (who.kind === 'key') {
    if (role === 'owner')
      throw refuse('forbidden', 'scope', 'This needs the workspace’s owner, signed in. No key may do it.');
    if (!who.scopes.includes(access) && !(scope && who.scopes.includes(scope)))
      throw refuse('forbidden', 'scope', `This key may not do that: it needs the scope “${scope ?? access}”.`);
  }
  return { ...caller.world, workspaceId, who, address: caller.address };
}

const CODE: Record<
  RefusalKind,
  'BAD_REQUEST' | 'UNAUTHORIZED' | 'FORBIDDEN' | 'NOT_FOUND' | 'CONFLICT' | 'TOO_MANY_REQUESTS' | 'SERVICE_UNAVAILABLE'
> = {
  invalid: 'BAD_REQUEST',
  unauthorised: 'UNAUTHORIZED',
  forbidden: 'FORBIDDEN',
  not_found: 'NOT_FOUND',
  conflict: 'CONFLICT',
  too_many: 'TOO_MANY_REQUESTS',
  unavailable: 'SERVICE_UNAVAILABLE',
};

async function settle<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof Refusal)
      throw new ORPCError(CODE[error.kind], { message: error.message, data: { reason: error.reason }, cause: error });
    throw error;
  }
}

// Shapes that operations share ----------------------------------------------------------------------------------------

export const id = z.uuid();
/** A moment in an input: ISO 8601 with an offset or Z. */
export const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
/** A day, `2026-11-22`. */
export const day = z.iso.date();
/** Money in an output: minor units as text (no float ever), with its currency. */
export const money = z.object({ minor: z.string().regex(/^-?\d+$/), currency: z.string().length(3) });
export const nothing = z.strictObject({});
export const done = z.object({ done: z.boolean() });

/** A page of a list: give `cursor` back to read on. */
export const pageInput = { limit: z.int().min(1).max(200).default(50), cursor: z.string().optional() };
