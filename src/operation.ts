import { type InferSchemaInput, ORPCError, os } from '@orpc/server';
import { z } from 'zod';
import type { Actor, Context, Role, Scope, World } from '#src/context.ts';
import { Refusal, type RefusalKind, refuse } from '#src/refusal.ts';
import { span } from '#src/trail.ts';

/** Every schema of the process says what does not fit in these words, unless it brings its own. */
z.config({ customError: wordsFor });

/** What every door brings: the process, and who is asking (null = nobody yet). */
export type Caller = {
  world: World;
  who: Actor | null;
  workspaceId: string | null;
  address: string | null;
  requestId: string;
  /** The signed-in browser that asks; absent for keys, the command line and nobody. */
  sessionId?: string;
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
      described.route,
      async () => described.run(enter(context, described, role), input as z.output<I>) as Promise<InferSchemaInput<O>>,
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
    settle<InferSchemaInput<O>>(described.route, async () => {
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
    .input(described.input.superRefine(refuseUnstorable))
    .output(described.output);
}

const RANK: Record<Role, number> = { viewer: 0, editor: 1, owner: 2 };

function enter(caller: Caller, { access, scope }: { access: Access; scope?: Scope }, role: Role): Context {
  const { who, workspaceId } = caller;
  if (!who) throw refuse('unauthorised', 'sign_in', 'Sign in, or send an API key as "Authorization: Bearer <key>".');
  if (!workspaceId)
    throw refuse(
      'unauthorised',
      'no_workspace',
      'There is no such workspace among yours. Choose another one, or create one.',
    );
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

/**
 * PostgreSQL keeps neither NUL nor half of a surrogate pair. A schema that cleans its texts (events do) is asked
 * after it has cleaned them; everything else is refused rather than altered.
 */
function refuseUnstorable(input: unknown, issues: z.core.$RefinementCtx): void {
  const waiting: { value: unknown; path: PropertyKey[] }[] = [{ value: input, path: [] }];
  for (let at = waiting.pop(); at; at = waiting.pop()) {
    const { value, path } = at;
    if (typeof value === 'string' && !isStorable(value))
      issues.addIssue({
        code: 'custom',
        path,
        message: 'This text holds a character that cannot be stored (NUL, or half of a character). Remove it.',
      });
    if (typeof value !== 'object' || value === null || value instanceof Date) continue;
    for (const [key, inner] of Object.entries(value)) {
      if (!isStorable(key))
        issues.addIssue({
          code: 'custom',
          path,
          message: 'The name of a field holds a character that cannot be stored.',
        });
      waiting.push({ value: inner, path: [...path, Array.isArray(value) ? Number(key) : key] });
    }
  }
}

const TYPE: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object with fields',
  record: 'an object with fields',
  date: 'a date',
  null: 'empty (null)',
};
const FORMAT: Record<string, string> = {
  uuid: 'an id',
  guid: 'an id',
  url: 'a web address with its scheme, such as https://example.com',
  email: 'an e-mail address',
  date: 'a day such as 2026-11-22',
  datetime: 'a moment with its offset, such as 2026-11-22T09:00:00Z',
};

/** What does not fit, for people; undefined leaves it to the library. */
function wordsFor(issue: z.core.$ZodRawIssue): string | undefined {
  const { code, input } = issue;
  if (input === undefined && ['invalid_type', 'invalid_value', 'invalid_union'].includes(code))
    return 'This is missing.';
  if (code === 'invalid_type') return `This must be ${TYPE[issue.expected] ?? issue.expected}.`;
  if (code === 'invalid_value') return `This must be one of: ${issue.values.map(String).join(', ')}.`.slice(0, 300);
  if (code === 'invalid_format' && FORMAT[issue.format]) return `This must be ${FORMAT[issue.format]}.`;
  if (code === 'invalid_format') return 'This is not in the form it must have.';
  if (code === 'invalid_union') return 'This is none of the kinds that fit here.';
  if (code === 'unrecognized_keys')
    return `There is no field ${issue.keys
      .slice(0, 5)
      .map((key) => JSON.stringify(key.slice(0, 40)))
      .join(', ')} here.`;
  if (code === 'too_big')
    return `This may ${amount(issue.origin, 'have', 'be')} at most ${grouped(issue.maximum)}${unit(issue.origin)}.`;
  if (code === 'too_small' && input === '') return 'This must not be empty.';
  if (code === 'too_small')
    return `This must ${amount(issue.origin, 'have', 'be')} at least ${grouped(issue.minimum)}${unit(issue.origin)}.`;
  return undefined;
}

const UNIT: Record<string, string> = { string: ' characters', array: ' entries', set: ' entries', map: ' entries' };
const unit = (origin: string) => UNIT[origin] ?? '';
const amount = (origin: string, have: string, be: string) => (UNIT[origin] ? have : be);
const grouped = (bound: number | bigint) => bound.toLocaleString('en');

/** Whether PostgreSQL can keep this text as it is. */
export function isStorable(text: string): boolean {
  return !text.includes('\u0000') && text.isWellFormed();
}

async function settle<T>(route: string, run: () => Promise<T>): Promise<T> {
  try {
    return await span(`operation ${route}`, {}, run);
  } catch (error) {
    if (error instanceof Refusal)
      throw new ORPCError(CODE[error.kind], { message: error.message, data: { reason: error.reason }, cause: error });
    throw error;
  }
}

// Shapes that operations share ----------------------------------------------------------------------------------------

export const id = z.uuid();
/** Nothing we plan or measure lies outside; PostgreSQL has no year 0, and JavaScript no year 300000. */
const inOurTime = (text: string) => text >= '1970' && text < '2200';
const NOT_OUR_TIME = 'This must lie between the years 1970 and 2199.';
/** A moment in an input: ISO 8601 with an offset or Z. */
export const instant = z.iso
  .datetime({ offset: true })
  .refine(inOurTime, NOT_OUR_TIME)
  .transform((text) => new Date(text));
/** A day, `2026-11-22`. */
export const day = z.iso.date().refine(inOurTime, NOT_OUR_TIME);
/** Money in an output: minor units as text (no float ever), with its currency. */
export const money = z.object({ minor: z.string().regex(/^-?\d+$/), currency: z.string().length(3) });
export const nothing = z.strictObject({});
export const done = z.object({ done: z.boolean() });

/** A page of a list: give `cursor` back to read on. */
export const pageInput = { limit: z.int().min(1).max(200).default(50), cursor: z.string().max(200).optional() };
const NO_CURSOR = 'This is not a cursor from the page before. Start again without one.';
/** The cursor of a list whose place is the id of the last row shown. */
export const idCursor = z.uuid(NO_CURSOR).optional();
/** The cursor of a list whose place is a count or a sequence number. */
export const numberCursor = z
  .string()
  .regex(/^\d{1,15}$/, NO_CURSOR)
  .optional();
