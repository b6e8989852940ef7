import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { copyFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Command } from 'commander';
import { bucketOf } from '#src/config.ts';
import { type BackupFile, fromFile, load, openBackup, withMark } from '#src/db/backup.ts';
import { passphraseIn } from '#src/doors/cli/backup.ts';
import { type Installation, installationOf, reachExternal, startAlone } from '#src/doors/cli/installation.ts';
import type { Terminal } from '#src/doors/cli/program.ts';
import { openSecrets } from '#src/secrets.ts';

type Options = { passphraseFile?: string; replace?: boolean };

/** `fanfare restore FILE`: fills an empty installation from a backup. */
export function restoreCommand(terminal: Terminal): Command {
  return new Command('restore')
    .description('Fill an empty installation from a backup. Stop the server first.')
    .usage('FILE [options]')
    .argument('<file>', 'the backup')
    .option('--passphrase-file <file>', 'the passphrase it was encrypted with')
    .option('--replace', 'remove what is in the database now')
    .action((file: string, options: Options) => restore(resolve(file), options, terminal));
}

async function restore(path: string, options: Options, terminal: Terminal): Promise<void> {
  const at = installationOf(terminal.environment);
  const say = (text: string) => terminal.err(`${text}\n`);
  const file = await openBackup(path, passphraseIn(options.passphraseFile));
  try {
    const { noteRestore } = await import('#src/people/backups/restored.ts');
    const done = await withMark(at.data, 'restore', path, async () => {
      // The secret first: the server's login on an external database is derived from it.
      const secret = await takeSecret(at, file);
      const { DATABASE_URL, DATABASE_SERVER_URL } = at.config;
      const database = await (DATABASE_URL
        ? reachExternal(at, DATABASE_URL, DATABASE_SERVER_URL)
        : startAlone(at, say));
      try {
        const media = await restoreMedia(at, file);
        const loaded = await load(database.owner, fromFile(file), {
          replace: options.replace,
          serverRole: database.serverRole,
          onStep: say,
          inTheEnd: (client, rows) => noteRestore(client, { madeAt: file.contents.madeAt, path, rows }),
        });
        return { ...loaded, media, secret };
      } finally {
        await database.close();
      }
    });
    const { missing } = file.contents;
    terminal.out(
      [
        `${done.rows.toLocaleString('en')} rows of ${done.tables} tables and ${done.media} media files are back, as they were at ${file.contents.madeAt}.`,
        ...(done.upgraded.length > 0
          ? [`The schema was brought up to date (${done.upgraded.length} migrations).`]
          : []),
        ...(missing.length > 0 ? [`${missing.length} media files were missing already when the backup was made.`] : []),
        done.secret,
        'Start Fanfare. What was due before waits for your yes, because it may be out already.',
        '',
      ].join('\n'),
    );
  } finally {
    await file.close();
  }
}

/** Puts the secret in its place where the file brings it; says how the secret here and the one of the backup agree. */
async function takeSecret({ config, data }: Installation, file: BackupFile): Promise<string> {
  const key = join(data, 'secret.key');
  const brought = await file.secret();
  const here = config.FANFARE_SECRET ?? (await readFile(key, 'utf8').catch(() => undefined));
  const isSame = async (text: string) => (await idOf(data, text)) === file.contents.secret.id;
  if (here !== undefined && (await isSame(here)))
    return 'The installation’s secret is the one the backup was made with.';
  if (brought === null)
    return 'The installation’s secret is not the one the backup was made with: stored credentials will not open. Put that secret.key into the data folder (or set FANFARE_SECRET) before you start, or connect the accounts again.';
  if (config.FANFARE_SECRET)
    throw new Error(
      'FANFARE_SECRET is another one than the backup was made with, and the backup brings its own. Unset FANFARE_SECRET, or set it to that one.',
    );
  await mkdir(data, { recursive: true });
  if (here !== undefined) await copyFile(key, `${key}.before-restore`);
  await writeFile(`${key}.new`, brought, { mode: 0o600 });
  await rename(`${key}.new`, key);
  return here === undefined
    ? 'The installation’s secret was in the backup and is in its place.'
    : 'The installation’s secret was in the backup and is in its place; the one before is kept as secret.key.before-restore.';
}

async function idOf(data: string, secret: string): Promise<string> {
  const { secretIdOf } = await import('#src/people/backups/make.ts');
  return secretIdOf({ secrets: await openSecrets({ data, given: secret }) });
}

/** Media are named by their hash, so one that is there already is the same, and one too many does no harm. */
async function restoreMedia({ config, data }: Installation, file: BackupFile): Promise<number> {
  const { openMediaStore } = await import('#src/outside/media.ts');
  const store = openMediaStore({ folder: join(data, 'media'), bucket: bucketOf(config) });
  const aside = join(data, 'restoring-media');
  await mkdir(aside, { recursive: true });
  try {
    for (const one of file.contents.media) {
      const path = join(aside, one.name);
      const sum = createHash('sha256');
      const summed = async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          sum.update(chunk);
          yield chunk;
        }
      };
      await pipeline(Readable.from(file.media(one)), summed, createWriteStream(path));
      if (sum.digest('hex') !== one.name)
        throw new Error(`The media file ${one.name} in the backup is not what it is named for.`);
      await store.keep(one.name, path);
    }
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
  return file.contents.media.length;
}
