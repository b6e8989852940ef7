import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { openDatabase } from '#src/db/client.ts';
import { localCredential } from '#src/doors/local.ts';
import { placeOf, sealedColumns } from '#src/people/secrets/columns.ts';
import { openSecrets } from '#src/secrets.ts';

/** A text and where it was found: a row of a table, a line of the log, an answer. */
export type Found = { where: string; text: string };

/** Secrets by what they are. */
export type Known = Map<string, string>;

/** Shorter ones stand in ordinary words by chance. */
const SHORTEST = 8;

/** Where one of the secrets stands, plainly or in one of the forms in which secrets travel. */
export function leaksIn(texts: Iterable<Found>, secrets: Known): string[] {
  const forms = [...secrets].flatMap(([name, secret]) => {
    if (secret.length < SHORTEST) throw new Error(`${name} is too short to be looked for.`);
    const bytes = Buffer.from(secret);
    const written = [secret, encodeURIComponent(secret), bytes.toString('hex')];
    // Inside a longer text base64 looks different at its ends.
    return [...written, bytes.toString('base64').slice(0, -4), bytes.toString('base64url').slice(0, -4)].map(
      (form) => ({ name, form }),
    );
  });
  const leaks = new Set<string>();
  for (const { where, text } of texts)
    for (const { name, form } of forms) if (text.includes(form)) leaks.add(`${name} in ${where}`);
  return [...leaks];
}

/**
 * Every row of every table of the database, the queue's too, as JSON. What is sealed or hashed stands among them: it has
 * to pass as well.
 */
export async function rowsOf(owner: pg.Client): Promise<Found[]> {
  const { rows: tables } = await owner.query<{ name: string }>(
    `select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and not c.relispartition and n.nspname !~ '^pg_|^information_schema$'`,
  );
  const found: Found[] = [];
  for (const { name } of tables) {
    const { rows } = await owner.query<{ text: string }>(`select to_jsonb(t)::text as text from ${name} t`);
    found.push(...rows.map(({ text }) => ({ where: `a row of ${name}`, text })));
  }
  return found;
}

/** Every file of a data folder but the database's own and the secret. */
export async function filesOf(data: string): Promise<Found[]> {
  const names = await readdir(data, { recursive: true });
  const found: Found[] = [];
  for (const name of names) {
    if (/^postgres\/(?!.*\.log$)|^secret\.key$/.test(name)) continue;
    const path = join(data, name);
    if ((await stat(path)).isFile()) found.push({ where: `the file ${name}`, text: await readFile(path, 'latin1') });
  }
  return found;
}

/** Everything that stands sealed in a database, opened with the data folder's secret, and that secret itself. */
export async function sealedIn(owner: pg.ClientConfig, data: string): Promise<Known> {
  const secrets = await openSecrets({ data });
  const known: Known = new Map([
    ['the secret', (await readFile(join(data, 'secret.key'), 'utf8')).trim()],
    ['the credential of the command line', localCredential(secrets)],
    ['the secret of sign-in', secrets.lasting('sign-in')],
  ]);
  const database = openDatabase(owner);
  const columns = await database.transaction({ shared: true }, sealedColumns);
  await database.end();
  const client = new pg.Client(owner);
  await client.connect();
  for (const column of columns) {
    const key = column.key.map((name) => `'${name}', ${name}::text`).join(', ');
    const { rows } = await client.query<{ key: Record<string, string>; sealed: string }>(
      `select json_build_object(${key}) as key, ${column.column} as sealed from ${column.table} where ${column.column} is not null`,
    );
    for (const [at, { key: values, sealed }] of rows.entries())
      for (const [n, secret] of partsOf(secrets.open(placeOf(column, values), sealed)).entries())
        known.set(`${column.table}.${column.column} ${at + 1}.${n + 1}`, secret);
  }
  await client.end();
  return known;
}

/** Some values are JSON, of which only some is secret. */
function partsOf(opened: string): string[] {
  if (!opened.startsWith('{')) return [opened];
  const fields = Object.entries(JSON.parse(opened) as Record<string, unknown>);
  return fields.flatMap(([name, value]) =>
    /secret|token|key|password/i.test(name) && typeof value === 'string' ? [value] : [],
  );
}
