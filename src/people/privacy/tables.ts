import { distribute } from '#src/people/privacy/tables/distribute.ts';
import { grow } from '#src/people/privacy/tables/grow.ts';
import { measure } from '#src/people/privacy/tables/measure.ts';
import { people } from '#src/people/privacy/tables/people.ts';
import { plan } from '#src/people/privacy/tables/plan.ts';
import { understand } from '#src/people/privacy/tables/understand.ts';

/**
 * WHERE PEOPLE ARE. Every column of the schema that can hold text stands here once, in one of three classes; a test
 * holds the list against the database's own catalog. Whoever adds a column says here what it may hold, and finding,
 * exporting and erasing a person follow.
 *
 * - `who`: says who somebody is: an id, an address, a name. Erased wherever it is theirs.
 * - `prose`: words that somebody wrote, or that were read or received. A person named in them is cut out.
 * - `plain`: the product's own vocabulary, keys, addresses of machines. Nobody is looked for in them.
 *
 * Not listed, because the catalog says what they are: columns of a closed list of values, references by id, and what is
 * sealed (`sealed_…`).
 */
export type Table = {
  who?: string;
  prose?: string;
  plain?: string;
  /** Whose rows these are, in whole: what they are found by and what an erasure does with them. */
  rows?: Rows;
  /** For the document: of whom, what for, and how long. */
  people?: { whose: Whose; why: string; until: string };
};

export type Whose =
  | 'visitors'
  | 'customers'
  | 'subscribers'
  | 'authors'
  | 'affiliates'
  | 'members'
  | 'recipients'
  | 'callers';

/** By which of a person's keys rows are found, and what becomes of them when the person is erased. */
export type Rows = {
  by: string;
  of: 'customers' | 'contacts' | 'subscribers' | 'affiliates' | 'emails';
  /** `remove`: the row goes. Else what its columns are set to. */
  erase: 'remove' | Record<string, Put>;
};

/** null; the moment of the erasure; a name that says nothing and fits only this row; or these words. */
export type Put = null | 'now' | 'pseudonym' | { words: string };

export type Tables = Record<string, Table>;
export type Stage = 'people' | 'understand' | 'plan' | 'distribute' | 'measure' | 'grow';

export const stages: Record<Stage, Tables> = { people, understand, plan, distribute, measure, grow };

/** All tables that hold, or may hold, something of a person. */
export const tables: ReadonlyMap<string, Table> = new Map(
  Object.values(stages).flatMap((stage) => Object.entries(stage)),
);

/** `'email name'` → both names. */
export function columnsIn(list: string | undefined): string[] {
  return list?.split(/\s+/).filter(Boolean) ?? [];
}
