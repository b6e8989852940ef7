import { z } from 'zod';

/** The name of a table or column is put into SQL: of a file from elsewhere only plain names are taken. */
const name = z.string().regex(/^[a-z_][a-z0-9_]{0,62}$/);
const digest = z.string().regex(/^[0-9a-f]{32}$/);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const table = z.object({ schema: z.enum(['public', 'graphile_worker']), name, columns: z.array(name).min(1) });

/** What a snapshot knows before its first row is read. */
export const headOf = z.object({
  madeAt: z.iso.datetime(),
  /** Of Fanfare and of PostgreSQL. */
  program: z.string(),
  postgres: z.string(),
  /** The schema, by the migrations that made it. */
  migrations: z.array(z.object({ name: z.string().regex(/^\d{4}_[a-z0-9_]+\.sql$/), sha256 })).min(1),
  tables: z.array(table),
  /** Partitions by month, so that one that has gone here is there again for its rows. */
  leaves: z.array(
    z.object({
      parent: name,
      name,
      bound: z.string().regex(/^(DEFAULT|FOR VALUES FROM \('[^')]*'\) TO \('[^')]*'\))$/),
    }),
  ),
  sequences: z.array(
    z.object({ schema: z.enum(['public', 'graphile_worker']), name, last: z.string().regex(/^-?\d{1,19}$/) }),
  ),
});
export type Head = z.infer<typeof headOf>;
export type Table = z.infer<typeof table>;

/** A piece of the file: where it begins, and what it holds when it is unpacked. */
const part = z.object({ at: z.int().nonnegative(), bytes: z.int().nonnegative(), sha256 });
export type Part = z.infer<typeof part>;

/** The list at the end of the file. */
export const contents = headOf.extend({
  tables: z.array(table.extend({ rows: z.int().nonnegative(), digest, part })),
  media: z.array(z.object({ name: sha256, part })),
  /** Media that the rows name and that was not there any more. */
  missing: z.array(sha256),
  /** Which secret seals the credentials in the rows; the secret itself only in an encrypted file. */
  secret: z.object({ id: z.string(), part: part.nullable() }),
});
export type Contents = z.infer<typeof contents>;

/** A table's name in SQL. */
export function nameOf({ schema, name: plain }: { schema: string; name: string }): string {
  return `"${schema}"."${plain}"`;
}

export function columnsOf({ columns }: Pick<Table, 'columns'>): string {
  return columns.map((column) => `"${column}"`).join(', ');
}

export function rowsOf(one: Table): string {
  return `select ${columnsOf(one)} from ${nameOf(one)}`;
}
