import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { bucketOf } from '#src/config.ts';
import type { Written } from '#src/db/backup.ts';
import { isUpToDate } from '#src/db/migrate.ts';
import { WrongInput } from '#src/doors/cli/fields.ts';
import {
  type Installation,
  installationOf,
  type Reached,
  reachDatabase,
  withWorld,
} from '#src/doors/cli/installation.ts';
import type { Terminal } from '#src/doors/cli/program.ts';
import { openSecrets } from '#src/secrets.ts';

type Options = { passphraseFile?: string; verify?: boolean };

/** `fanfare backup [FILE]`: everything in one file, while the server runs. */
export function backupCommand(terminal: Terminal): Command {
  return new Command('backup')
    .description('Write the whole installation into one file, every workspace with its media, while it runs or not.')
    .usage('[FILE] [options]')
    .argument('[file]', 'where to write it; else into the data folder’s backups')
    .option('--passphrase-file <file>', 'encrypt it with the passphrase in this file; the secret goes in as well')
    .option('--verify', 'check an existing file instead: restore it into an empty database and compare every row')
    .action(async (file: string | undefined, options: Options) => {
      const passphrase = passphraseIn(options.passphraseFile);
      if (options.verify) await verify(file, passphrase, terminal);
      else await backup(file, passphrase, terminal);
    });
}

/** The first line of the file, which has to be long enough to be worth something. */
export function passphraseIn(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  let text: string;
  try {
    text = readFileSync(path, 'utf8').split(/\r?\n/)[0] ?? '';
  } catch (error) {
    throw new WrongInput(`--passphrase-file ${path} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
  if (text.length < 12)
    throw new WrongInput('The passphrase in the first line of that file needs at least 12 characters.');
  return text;
}

async function backup(file: string | undefined, passphrase: string | undefined, terminal: Terminal): Promise<void> {
  const at = installationOf(terminal.environment);
  const say = (text: string) => terminal.err(`${text}\n`);
  const database = await reachDatabase(at, say);
  try {
    const { path, written } = (await isUpToDate(database.owner))
      ? await noted(at, database, file, passphrase, say)
      : await unnoted(at, database, file, passphrase, say);
    const { rows, bytes, sha256, contents, encrypted } = written;
    const lost = contents.missing.length;
    terminal.out(
      [
        path,
        `  ${rows.toLocaleString('en')} rows of ${contents.tables.length} tables, ${contents.media.length} media files, ${bytes.toLocaleString('en')} bytes`,
        `  SHA-256 ${sha256}`,
        ...(lost > 0 ? [`  ${lost} media files that the rows name were not there and are not in it.`] : []),
        encrypted
          ? '  The installation’s secret is in it, encrypted. Keep the passphrase: nobody can open the file without it.'
          : '  The installation’s secret is not in it. Keep secret.key of the data folder (or FANFARE_SECRET) as well: without it the accounts have to be connected again.',
        '',
      ].join('\n'),
    );
  } finally {
    await database.close();
  }
}

type Made = { path: string; written: Written };

/** Made and listed among the installation's backups. */
function noted(
  at: Installation,
  database: Reached,
  file: string | undefined,
  passphrase: string | undefined,
  say: (text: string) => void,
): Promise<Made> {
  return withWorld(at, database, async (world) => {
    const { planBackup, runBackup } = await import('#src/people/backups/make.ts');
    const path = file === undefined ? {} : { path: resolve(file) };
    const planned = await planBackup(world, { kind: 'command_line', madeBy: null, ...path });
    const written = await runBackup(world, database.owner, planned.id, { passphrase, onStep: say });
    if (!written) throw new Error('This backup was made already.');
    return { path: planned.path, written };
  });
}

/** Before an upgrade: the tables are still those of the version before, so nothing can be noted in them. */
async function unnoted(
  { config, data }: Installation,
  { owner }: Reached,
  file: string | undefined,
  passphrase: string | undefined,
  say: (text: string) => void,
): Promise<Made> {
  const { writeFile } = await import('#src/people/backups/make.ts');
  const { openMediaStore } = await import('#src/outside/media.ts');
  const secrets = await openSecrets({ data, given: config.FANFARE_SECRET, before: config.FANFARE_SECRET_BEFORE });
  const media = openMediaStore({ folder: join(data, 'media'), bucket: bucketOf(config) });
  const name = `fanfare-${new Date().toISOString().slice(0, 19).replaceAll(':', '')}Z.backup`;
  const path = file === undefined ? join(data, 'backups', name) : resolve(file);
  return { path, written: await writeFile({ config, data, secrets, media }, owner, path, passphrase, say) };
}

async function verify(file: string | undefined, passphrase: string | undefined, terminal: Terminal): Promise<void> {
  if (file === undefined) throw new WrongInput('Say which file: fanfare backup FILE --verify');
  const { tryOut } = await import('#src/people/backups/make.ts');
  const { rows, tables } = await tryOut(resolve(file), passphrase);
  terminal.out(`${file} is whole: ${rows.toLocaleString('en')} rows of ${tables} tables were restored and compared.\n`);
}
