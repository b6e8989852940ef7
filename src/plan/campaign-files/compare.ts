/** The three-way comparison of a campaign file: what it said last, what it says, what stands now. Pure. */

export type Value = string | number | boolean | null | Value[] | { [name: string]: Value };
/** By name; absent = nothing is said about it. `text.x` and `schedule.x/ada` are fields of their own. */
export type Fields = Record<string, Value>;
export const things = ['post', 'cost', 'link'] as const;
export type Thing = (typeof things)[number];
export type Settled = { campaign: Fields; things: Record<Thing, Record<string, Fields>> };
/** What was applied last: the file's own words, and what stood in the app right afterwards. */
export type Applied = { said: Settled; stood: Settled };

/** What stands now; `locked` says by `post/key` (or `campaign`) why a thing cannot be changed any more. */
export type Standing = Settled & { exists: boolean; locked: Record<string, string> };

export const changeKinds = ['create', 'change', 'remove', 'drift', 'conflict', 'kept', 'left'] as const;
export type Change = {
  /** create, change, remove are done; drift and conflict stand as they are until one says what to take. */
  kind: (typeof changeKinds)[number];
  thing: 'campaign' | Thing;
  key: string;
  /** null = the whole thing. */
  field: string | null;
  now: Value;
  file: Value;
  why: string;
};

export type Take = 'file' | 'app' | undefined;

/**
 * What is to be done so that the app stands as the file says. Changed only in the file: done. Changed only in the app:
 * drift, which stays unless `take` is `file`. Changed in both: a conflict, which stops until `take` says whose word
 * counts. Removed from the file: left alone unless `prune`. What is locked is kept, whatever is said.
 */
export function compare(
  key: string,
  file: Settled,
  now: Standing,
  applied: Applied | null,
  options: { take: Take; prune: boolean },
): Change[] {
  const changes: Change[] = [];
  const whole = { thing: 'campaign', key } as const;
  if (!now.exists)
    changes.push({ ...whole, kind: 'create', field: null, now: null, file: file.campaign, why: 'It is new.' });
  else
    changes.push(
      ...compareFields(whole, file.campaign, now.campaign, ofCampaign(applied), options.take, now.locked.campaign),
    );
  for (const thing of things) {
    const said = applied?.said.things[thing] ?? {};
    for (const [name, fields] of Object.entries(file.things[thing])) {
      const at = { thing, key: name };
      const standing = own(now.things[thing], name);
      if (standing)
        changes.push(
          ...compareFields(
            at,
            fields,
            standing,
            part(applied, thing, name),
            options.take,
            now.locked[`${thing}/${name}`],
          ),
        );
      else changes.push(missing(at, fields, own(said, name) !== undefined, options.take));
    }
    for (const name of Object.keys(said))
      if (!own(file.things[thing], name) && own(now.things[thing], name))
        changes.push(dropped({ thing, key: name }, now, applied, options));
  }
  return changes;
}

/** What was applied, for the next comparison: the file's words, with those of things that it dropped but that stay. */
export function keptOf(file: Settled, stands: Settled, before: Applied | null): Applied {
  const said: Settled = { campaign: file.campaign, things: { post: {}, cost: {}, link: {} } };
  for (const thing of things) {
    for (const [key, fields] of Object.entries(before?.said.things[thing] ?? {}))
      if (own(stands.things[thing], key)) said.things[thing][key] = fields;
    Object.assign(said.things[thing], file.things[thing]);
  }
  return { said, stood: { campaign: stands.campaign, things: stands.things } };
}

/** One text for one value, however its fields are ordered: for comparing and for hashes. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`)
      .join(',')}}`;
  return JSON.stringify(value ?? null);
}

type At = { thing: 'campaign' | Thing; key: string };
type Before = { said: Fields; stood: Fields } | null;

const DYNAMIC = /^(text|schedule)\./;

function compareFields(
  at: At,
  file: Fields,
  now: Fields,
  before: Before,
  take: Take,
  locked: string | undefined,
): Change[] {
  const removed = Object.keys(before?.said ?? {}).filter((name) => DYNAMIC.test(name) && !(name in file));
  return [...Object.keys(file), ...removed].flatMap((field): Change[] => {
    const wanted = file[field] ?? null;
    const stands = now[field] ?? null;
    if (same(field, wanted, stands)) return [];
    const change = { ...at, field, now: stands, file: wanted };
    if (locked) return [{ ...change, kind: 'kept', why: locked }];
    if (at.thing === 'link' && field === 'code')
      return [{ ...change, kind: 'kept', why: 'The code of a link stays: it may be printed somewhere.' }];
    const past = before ? (before.said[field] ?? before.stood[field] ?? null) : undefined;
    const untouched = past !== undefined && same(field, past, stands);
    if (untouched || take === 'file') return [{ ...change, kind: 'change', why: '' }];
    if (past !== undefined && same(field, wanted, past))
      return [{ ...change, kind: 'drift', why: 'It was changed in the app; the file still says what it said.' }];
    if (take === 'app') return [{ ...change, kind: 'drift', why: 'The app’s word was taken.' }];
    const why =
      past === undefined
        ? 'It was made in the app and differs from the file.'
        : 'It was changed in the app and in the file.';
    return [{ ...change, kind: 'conflict', why }];
  });
}

function missing(at: At, fields: Fields, wasThere: boolean, take: Take): Change {
  const change = { ...at, field: null, now: null, file: fields };
  if (!wasThere || take === 'file') return { ...change, kind: 'create', why: 'It is new.' };
  return { ...change, kind: 'drift', why: 'It was removed in the app; the file still has it.' };
}

function dropped(
  at: At & { thing: Thing },
  now: Standing,
  applied: Applied | null,
  { take, prune }: { take: Take; prune: boolean },
): Change {
  const stands = now.things[at.thing][at.key] ?? {};
  const change = { ...at, field: null, now: stands, file: null };
  const locked = now.locked[`${at.thing}/${at.key}`];
  if (locked) return { ...change, kind: 'kept', why: locked };
  if (at.thing === 'link')
    return { ...change, kind: 'kept', why: 'A tracked link stays: it may be printed somewhere.' };
  if (!prune) return { ...change, kind: 'left', why: 'It is no longer in the file. With --prune it is removed.' };
  const before = part(applied, at.thing, at.key);
  const touched = Object.keys(before?.said ?? {}).some(
    (field) => !same(field, before?.said[field] ?? null, stands[field] ?? null),
  );
  if (!touched || take === 'file') return { ...change, kind: 'remove', why: 'It is no longer in the file.' };
  if (take === 'app') return { ...change, kind: 'left', why: 'It was changed in the app, whose word was taken.' };
  return { ...change, kind: 'conflict', why: 'It is no longer in the file, but it was changed in the app.' };
}

/** Whether what stands is what is said. Some words are kept by more than one state. */
function same(field: string, said: Value, stands: Value): boolean {
  if (said === 'next slot') return typeof stands === 'string';
  if (field === 'approved' && said === 'in_review') return stands === true || stands === 'in_review';
  if (field === 'status' && said === 'active') return stands === 'active' || stands === 'completed';
  return canonical(said) === canonical(stands);
}

const ofCampaign = (applied: Applied | null): Before =>
  applied ? { said: applied.said.campaign, stood: applied.stood.campaign } : null;

/** “constructor” is a key like any other, and no function of every object. */
function own<T>(record: Record<string, T>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

function part(applied: Applied | null, thing: Thing, key: string): Before {
  const said = applied ? own(applied.said.things[thing], key) : undefined;
  const stood = applied ? own(applied.stood.things[thing], key) : undefined;
  return said || stood ? { said: said ?? {}, stood: stood ?? {} } : null;
}
