import { setTimeout as pause } from 'node:timers/promises';
import { type House, operations, requestOf } from '#test/bad-input/house.ts';
import { type Stock, stockUp } from '#test/bad-input/stock.ts';
import { type Call, resolve, type Who } from '#test/fuzz/calls.ts';

/** What a call must never do. */
export type Fault = { kind: '500' | 'hang' | 'crossing'; at: number; call: Call; said: string };

/** So long a call may take. */
const LONGEST = 10_000;

/** What stands in every text of the other workspace that takes it, and in no answer. */
const TOKEN = 'rivals-own-words';

/**
 * Two workspaces with one of everything, and a way to send calls as somebody of the first one. `fresh` gives the caller
 * a new workspace, stocked: what the calls before removed is there again.
 */
export async function openGround(house: House) {
  const key = await house.rival.call.keys.create({ name: 'Rival', scopes: ['read', 'write', 'destructive', 'events'] });
  const foreign = await stockUp(house, { key: key.key }, house.rival.workspaceId);
  const marked = await mark(house);
  const strange = await idsOf(house, house.rival.workspaceId);
  const before = await house.stored(house.rival.workspaceId, { sealed: false });
  let at: { workspaceId: string; own: Stock; key: string } | undefined;
  let role: Who = 'owner';
  const done = { carriedOut: 0, refused: 0, operations: new Set<string>() };

  const fresh = async () => {
    const { id: workspaceId } = await house.asked<{ id: string }>('POST', '/workspaces', { name: 'Ground' });
    house.enter(workspaceId);
    role = 'owner';
    const own = await stockUp(house, 'maya', workspaceId);
    const scopes = ['read', 'write', 'destructive', 'events'];
    const { key } = await house.asked<{ key: string }>('POST', '/keys', { name: 'A program', scopes });
    at = { workspaceId, own, key };
  };
  const become = async (who: Who) => {
    const wanted = who === 'viewer' ? 'viewer' : 'owner';
    if (wanted === role || !at) return;
    await house.query('update memberships set role = $1 where workspace_id = $2', [wanted, at.workspaceId]);
    role = wanted;
  };

  /** Sends one call; what is wrong with the answer, if anything. */
  const send = async (call: Call): Promise<Omit<Fault, 'at'> | undefined> => {
    if (!at) await fresh();
    const { own, key } = at!;
    await become(call.who);
    const input = resolve(call.input, own, foreign);
    const { method, path, json } =
      call.door === 'api'
        ? requestFor(call.name, input, own)
        : { method: 'POST', path: `/rpc/${call.name.replace('.', '/')}`, json: { json: input } };
    const as = call.who === 'key' ? { key } : call.who === 'nobody' ? 'nobody' : 'maya';
    const asked = house.send(method, path, { as, ...(json === undefined ? {} : { json }) }).then(async (answer) => ({
      status: answer.status,
      text: await answer.text(),
    }));
    const answer = await Promise.race([asked, pause(LONGEST, undefined, { ref: false })]);
    const fault = (kind: Fault['kind'], said: string) => ({ kind, call, said: said.slice(0, 600) });
    if (!answer) return fault('hang', `no answer within ${LONGEST / 1000} s`);
    if (answer.status >= 500 && !isElsewhere(answer)) return fault('500', `${answer.status} ${answer.text}`);
    done[answer.status < 300 ? 'carriedOut' : 'refused']++;
    if (answer.status < 300) done.operations.add(call.name);
    const sent = JSON.stringify(input) ?? '';
    const leaked = answer.text.includes(TOKEN)
      ? TOKEN
      : answer.text
          .match(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}/g)
          ?.find((id) => strange.has(id) && !sent.includes(id));
    if (leaked) return fault('crossing', `${leaked} in ${answer.text}`);
    const open = operations.get(call.name)?.reach === 'everyone';
    if (call.who === 'nobody' && answer.status < 300 && !open)
      return fault('crossing', `nobody was let in: ${answer.text}`);
    return undefined;
  };

  /** What the calls changed over there: nothing, when all is well. */
  const crossed = async (): Promise<string[]> => {
    const after = await house.stored(house.rival.workspaceId, { sealed: false });
    return Object.keys(before).filter((table) => after[table] !== before[table]);
  };
  return { send, fresh, crossed, marked, done };
}

/** Said on purpose: somebody else's server, which the call was about, does not answer. */
function isElsewhere({ status, text }: { status: number; text: string }): boolean {
  return status === 503 && /"data":\{"reason":"\w+"/.test(text);
}

/** The body, or the address, that carries an input of any shape. */
function requestFor(name: string, input: unknown, own: Stock) {
  const operation = operations.get(name);
  if (!operation) throw new Error(`There is no operation ${name}.`);
  // What stands in the address has to be text that an address can hold; half a character cannot even be sent.
  const written = (value: unknown) =>
    (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).toWellFormed();
  if (typeof input === 'object' && input !== null && !Array.isArray(input)) {
    const fields: Record<string, unknown> = { ...input };
    for (const [, parameter = ''] of operation.path.matchAll(/\{(\w+)\}/g))
      fields[parameter] = written(fields[parameter] ?? own[parameter]) || 'empty';
    return requestOf(operation, fields);
  }
  const path = `/api/v1${operation.path.replaceAll(/\{(\w+)\}/g, (_, parameter: string) => own[parameter] ?? 'x')}`;
  const text = encodeURIComponent(written(input));
  return operation.method === 'GET'
    ? { method: 'GET', path: `${path}?${text}=${text}`, json: undefined }
    : { method: operation.method, path, json: input };
}

/**
 * Writes the token into every text of the other workspace whose column takes it; not into its audit log, which would
 * notice. Returns how many columns did.
 */
async function mark(house: House): Promise<number> {
  const columns = await house.query<{ table: string; column: string }>(
    `select c.relname as table, a.attname as column from pg_class c join pg_attribute a on a.attrelid = c.oid
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relrowsecurity
       and a.attnum > 0 and not a.attisdropped and c.relname !~ '^audit_' and a.attgenerated = '' and a.atttypid = 'text'::regtype and a.attname not like 'sealed%'
       and not exists (select from pg_constraint k where k.conrelid = c.oid and k.contype in ('p', 'u', 'f') and a.attnum = any(k.conkey))`,
  );
  let marked = 0;
  for (const { table, column } of columns) {
    const rows = await house
      .query(
        `update ${table} set "${column}" = "${column}" || ' ${TOKEN}' where workspace_id = $1 and "${column}" is not null returning 1`,
        [house.rival.workspaceId],
      )
      // A check keeps what may stand there.
      .catch(() => []);
    if (rows.length > 0) marked++;
  }
  return marked;
}

/** Every id of a workspace's rows. */
async function idsOf(house: House, workspaceId: string): Promise<Set<string>> {
  const tables = await house.query<{ name: string }>(
    `select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'id' and a.atttypid = 'uuid'::regtype
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relrowsecurity`,
  );
  const all = tables.map(({ name }) => `select id::text from ${name} where workspace_id = '${workspaceId}'`);
  const rows = await house.query<{ id: string }>(all.join(' union all '));
  return new Set([workspaceId, ...rows.map(({ id }) => id)]);
}
