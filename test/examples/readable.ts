import { createHash } from 'node:crypto';

/** What a run leaves that says nothing to a reader: its ids, the names of the stock, tokens, and the moments of the run. */
export type Traces = {
  /** Whose run it was, to tell the ids of one operation from those of another. */
  operation: string;
  /** Ids that have a name: `{ postId: '…' }`. They are the same in every example. */
  ids: Record<string, string>;
  /** When the run began. What the database stamped since then becomes `at`. */
  began: Date;
  at: string;
  /** The server's data folder. */
  folder: string;
};

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const INSTANT = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;
const TOKEN = /[A-Za-z0-9_-]{20,}/g;

/**
 * What was sent and answered, as it stands in the documentation: lists cut to two entries and texts to 600 characters,
 * ids and moments that are the same in every run, tokens that open nothing. Its shape is that of the answer.
 */
export function readable(value: unknown, { operation, ids, began, at, folder }: Traces): unknown {
  const named = new Map(Object.entries(ids).map(([name, id]) => [id, fixedId(name)]));
  const id = (found: string) => {
    const known = named.get(found) ?? fixedId(`${operation} ${named.size}`);
    named.set(found, known);
    return known;
  };
  const now = Date.now();
  const since = (found: string) => (Date.parse(found) >= began.getTime() && Date.parse(found) <= now ? at : found);
  const words = (text: string) => {
    const short = text.length > 600 ? `${text.slice(0, /\s/.test(text) ? 600 : 60)}…` : text;
    return (
      short
        .replaceAll(UUID, id)
        .replaceAll(INSTANT, since)
        .replaceAll(folder, '/var/lib/fanfare')
        // The stock calls everything after the first eight characters of its workspace.
        .replaceAll(/\bstock-[0-9a-f]{8}\.dev\b/g, 'outpost.dev')
        .replaceAll(/\bStock [0-9a-f]{8}\b/g, 'Outpost')
        .replaceAll(/\b[as][0-9a-f]{8}\b/g, 'outpost')
        .replaceAll(TOKEN, (found) => (isRandom(found) && !named.has(found) ? openNothing(found) : found))
    );
  };
  const walk = (one: unknown): unknown => {
    if (typeof one === 'string') return words(one);
    if (Array.isArray(one)) return one.slice(0, 2).map(walk);
    if (typeof one !== 'object' || one === null) return one;
    return Object.fromEntries(Object.entries(one).map(([name, inner]) => [words(name), walk(inner)]));
  };
  return walk(value);
}

/**
 * Whether a new run answered in the shape of an earlier one: the same fields with values of the same types. Null may
 * stand for anything and an empty list for any, because what is absent today is there tomorrow.
 */
export function fits(one: unknown, other: unknown): boolean {
  if (one === null || other === null) return true;
  if (Array.isArray(one) && Array.isArray(other))
    return one.every((each, index) => index >= other.length || fits(each, other[index]));
  if (typeof one !== typeof other || Array.isArray(one) !== Array.isArray(other)) return false;
  if (typeof one !== 'object' || typeof other !== 'object') return true;
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => name in other && fits((one as Fields)[name], (other as Fields)[name]))
  );
}

type Fields = Record<string, unknown>;

/** An id that says nothing and never changes, of the form of any other. */
function fixedId(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function isRandom(word: string): boolean {
  return /\d/.test(word) && (/^[0-9a-f]+$/.test(word) || (/[A-Z]/.test(word) && /[a-z]/.test(word))) && !isId(word);
}

const isId = (word: string) => /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(word);

/** As long, of the same letters, and plainly no secret. */
function openNothing(token: string): string {
  const pattern = /^[0-9a-f]+$/.test(token) ? '0123456789abcdef' : 'example-';
  return pattern.repeat(Math.ceil(token.length / pattern.length)).slice(0, token.length);
}
