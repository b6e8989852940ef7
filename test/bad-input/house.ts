import pg from 'pg';
import { expect } from 'vitest';
import type { Config } from '#src/config.ts';
import type { World } from '#src/context.ts';
import { httpApp } from '#src/doors/http/app.ts';
import { type Offered, offered } from '#src/doors/operations.ts';
import type { TestDatabase } from '#test/database.ts';
import { openTestWorld, type Person } from '#test/world.ts';

export type House = Awaited<ReturnType<typeof openHouse>>;
export type Sent = {
  as?: 'maya' | 'nobody' | { key: string };
  headers?: Record<string, string>;
  json?: unknown;
} & Pick<RequestInit, 'body'>;

/**
 * The whole HTTP door on a real database: Maya, the owner, signed up in the browser, and a rival in a workspace of
 * their own.
 */
export async function openHouse(
  settings: { config?: Partial<Config>; now?: string; database?: TestDatabase; overrides?: Partial<World> } = {},
) {
  const world = await openTestWorld({ now: new Date().toISOString(), ...settings });
  const app = httpApp(world.world);
  const owner = new pg.Client(world.owner);
  await owner.connect();
  const origin = world.world.publicUrl;
  const signedUp = await app.request('/api/auth/sign-up/email', {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify({ name: 'Maya', email: 'maya@example.com', password: 'a long password' }),
  });
  const cookie = cookieOf(signedUp);
  const rival = await world.join('Rival');

  let workspace: string | undefined;
  const send = async (method: string, path: string, { as = 'maya', headers, json, body }: Sent = {}) =>
    app.request(path, {
      method,
      headers: {
        ...(as === 'maya'
          ? { cookie, origin, ...(workspace ? { 'x-fanfare-workspace': workspace } : {}) }
          : as === 'nobody'
            ? {}
            : { authorization: `Bearer ${as.key}` }),
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(json === undefined ? (body === undefined ? {} : { body }) : { body: JSON.stringify(json) }),
    });
  /** An operation by its route, as a program would call it. */
  const call = (operation: Offered, input: Record<string, unknown>, as: Sent['as'] = 'maya') => {
    const { method, path, json } = requestOf(operation, input);
    return send(method, path, { as, ...(json === undefined ? {} : { json }) });
  };
  const asked = async <T>(method: string, path: string, json?: unknown, as: Sent['as'] = 'maya'): Promise<T> => {
    const answer = await send(method, `/api/v1${path}`, { as, ...(json === undefined ? {} : { json }) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  };
  /**
   * Everything that is stored, table by table, as a digest; sign-in keeps its own books. What is sealed may be left out:
   * it is written anew when a key is replaced, for all workspaces.
   */
  const stored = async (workspaceId?: string, { sealed = true } = {}): Promise<Record<string, string>> => {
    const { rows: tables } = await owner.query<{ name: string; tenant: boolean; sealed: string[] }>(
      `select c.relname as name, array(select a.attname::text from pg_attribute a where a.attrelid = c.oid and a.attname like 'sealed\\_%') as sealed, exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'workspace_id') as tenant
         from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
          and c.relname not in ('rate_limits', 'sessions', 'api_keys')`,
    );
    const parts = tables
      .filter(({ tenant }) => tenant || workspaceId === undefined)
      .map(
        ({ name, ...columns }) =>
          `select '${name}' as name, count(*) || ' rows ' || coalesce(md5(string_agg(t.row, '' order by t.row)), '') as digest
             from (select ${sealed || columns.sealed.length === 0 ? 't::text' : `(to_jsonb(t) - '{${columns.sealed}}'::text[])::text`} as row
               from ${name} t ${workspaceId ? `where workspace_id = '${workspaceId}'` : ''}) t`,
      );
    const { rows } = await owner.query<{ name: string; digest: string }>(parts.join(' union all '));
    return Object.fromEntries(rows.map((row) => [row.name, row.digest]));
  };
  return {
    ...world,
    app,
    origin,
    cookie,
    rival,
    send,
    call,
    asked,
    /** Maya acts in this workspace of hers from now on. */
    enter: (workspaceId: string) => {
      workspace = workspaceId;
    },
    stored,
    query: async <T extends pg.QueryResultRow>(text: string, values: unknown[] = []) =>
      (await owner.query<T>(text, values)).rows,
    async close() {
      await owner.end();
      await world.close();
    },
  };
}

/** The cookies an answer sets, as the next request sends them. */
export function cookieOf(answer: Response): string {
  return answer.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ');
}

/** A key with which a program acts for this person. */
export async function keyOf(person: Person, scopes: ('read' | 'write' | 'destructive' | 'events')[]): Promise<string> {
  return (await person.call.keys.create({ name: 'A program', scopes })).key;
}

/** All operations by name. */
export const operations = new Map(offered().map((operation) => [operation.name, operation]));

/** Method, address and body with which the API takes this input. */
export function requestOf(operation: Offered, input: Record<string, unknown>) {
  const rest = { ...input };
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = rest[name];
    delete rest[name];
    return encodeURIComponent(String(value));
  });
  if (operation.method !== 'GET') return { method: operation.method, path: `/api/v1${path}`, json: rest };
  const query = new URLSearchParams();
  const spread = (name: string, value: unknown): void => {
    if (Array.isArray(value)) for (const [index, one] of value.entries()) spread(`${name}[${index}]`, one);
    else if (typeof value === 'object' && value !== null)
      for (const [key, one] of Object.entries(value)) spread(`${name}[${key}]`, one);
    else if (value !== undefined && value !== null) query.append(name, String(value).toWellFormed());
  };
  for (const [name, value] of Object.entries(rest)) spread(name, value);
  return { method: 'GET', path: `/api/v1${path}${query.size > 0 ? `?${query}` : ''}`, json: undefined };
}

/** What must never stand in an answer: insides of the program, of the database, or of JavaScript. */
const INSIDES =
  /\bundefined\b|\[object |\bat \S+ \(|node_modules|\.ts:\d|\bselect\b .* \bfrom\b|insert into|violates|constraint|syntax for type|relation "|ECONN|NaN|Internal server error/i;

/** Asserts a refusal that a person can read, and returns what it says. */
export async function refusal(
  answer: Response,
  status: number | number[],
): Promise<{ code: string; message: string; data?: { reason?: string } }> {
  const text = await answer.text();
  expect([status].flat(), text.slice(0, 500)).toContain(answer.status);
  const said = JSON.parse(text) as { code: string; message: string };
  expect(said.message, text.slice(0, 500)).toMatch(/\w.* .*\w/s);
  expect(said.message.length, said.message.slice(0, 300)).toBeLessThan(400);
  expect(text).not.toMatch(INSIDES);
  return said;
}
