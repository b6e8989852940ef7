import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { glob, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
const stamp = join(dist, '.stamp');
const built = { web: join(dist, 'web'), tracker: join(dist, 'tracker') };

/**
 * Makes sure that `dist/web` and `dist/tracker` belong to the sources beside them, and builds them if not (about four
 * seconds). The stamp is a hash of what went in, so a fresh clone, a pulled change and a copied folder all come out
 * right whatever their file times; of `src/` only the files the bundles contain count, so that work on the server does
 * not rebuild the page. Safe when several processes start at once. Throws, in words for the person who
 * started the server, when a build is needed and the build tools are not installed, or when it fails.
 */
export async function buildIfStale(): Promise<'fresh' | 'built'> {
  const present = existsSync(join(built.web, 'index.html')) && existsSync(join(built.tracker, 't.js'));
  // A container image may carry the result without its sources.
  if (present && !existsSync(join(root, 'web', 'main.tsx'))) return 'fresh';
  const last = await readStamp();
  if (present && last && last.hash === (await hashOfSources(last.borrowed))) return 'fresh';
  if (!isInstalled('vite')) {
    throw new Error(
      `The web page ${present ? 'in dist/ is older than its sources' : 'has not been built'}, and the tools to build it are not installed. ` +
        'Run "npm ci" without --omit=dev once and start again, or run "npm run build" elsewhere and copy dist/ here.',
    );
  }
  // Taken before the build: a file changed meanwhile makes the result stale, not fresh by mistake.
  const before = await fingerprints();
  const borrowed = await buildInOwnProcess();
  await writeAside(stamp, JSON.stringify({ hash: hashOf(before, borrowed), borrowed } satisfies Stamp));
  return 'built';
}

interface Stamp {
  hash: string;
  /** Files under src/ that the bundles contain, relative to the repository. */
  borrowed: string[];
}

/** In a process of its own: the bundler would otherwise stay in the server's memory for as long as it runs. */
async function buildInOwnProcess(): Promise<string[]> {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [import.meta.filename], {
      cwd: root,
      env: { ...process.env, NODE_ENV: 'production' },
      maxBuffer: 16 * 1024 * 1024,
    });
    return JSON.parse(stdout) as string[];
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    throw new Error(`The web page could not be built. ${stderr?.trim() || message}`);
  }
}

/** Both bundles are built aside and then moved to their place, so that nobody ever serves half of one. */
async function buildBoth(): Promise<string[]> {
  const { build } = await import('vite');
  const aside = join(dist, `.building-${process.pid}-${Date.now()}`);
  const borrowed = new Set<string>();
  try {
    for (const part of ['web', 'tracker'] as const) {
      const outDir = join(aside, part);
      const configFile = join(root, part, 'vite.config.ts');
      const result = await build({ configFile, logLevel: 'error', build: { outDir, emptyOutDir: true } });
      for (const { output } of [result].flat().filter((each) => 'output' in each)) {
        for (const file of output.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []))) {
          if (file.startsWith(join(root, 'src', '/'))) borrowed.add(file.slice(root.length + 1));
        }
      }
      await takePlace(outDir, built[part]);
    }
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
  return [...borrowed].sort();
}

/** Another process may do the same at the same moment, with the same content: whoever comes last stays. */
async function takePlace(made: string, place: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    const old = `${made}.old-${tries}`;
    await rename(place, old).catch(ignoring('ENOENT'));
    try {
      await rename(made, place);
      return;
    } catch (error) {
      if (tries >= 20 || !['ENOTEMPTY', 'EEXIST', 'EPERM'].includes(codeOf(error))) throw error;
    }
  }
}

async function hashOfSources(borrowed: string[]): Promise<string> {
  return hashOf(await fingerprints(borrowed), borrowed);
}

/** Hash by file. Of src/ either the given files or, before a first build says which, all. */
async function fingerprints(borrowed?: string[]): Promise<Map<string, string>> {
  const patterns = ['web/**/*', 'tracker/**/*', 'docs/**/*.md', 'package-lock.json', ...(borrowed ?? ['src/**/*.ts'])];
  const found = new Map<string, string>();
  for await (const entry of glob(patterns, { cwd: root, withFileTypes: true })) {
    if (!entry.isFile() || /\.test\.tsx?$/.test(entry.name)) continue;
    const file = join(entry.parentPath, entry.name);
    found.set(
      file.slice(root.length + 1),
      createHash('sha256')
        .update(await readFile(file))
        .digest('hex'),
    );
  }
  return found;
}

function hashOf(files: Map<string, string>, borrowed: string[]): string {
  const hash = createHash('sha256');
  for (const file of [...files.keys()].sort()) {
    if (!file.startsWith(join('src', '/')) || borrowed.includes(file)) hash.update(`${file}\0${files.get(file)}\n`);
  }
  return hash.digest('hex');
}

async function readStamp(): Promise<Stamp | undefined> {
  try {
    return JSON.parse(await readFile(stamp, 'utf8')) as Stamp;
  } catch {
    // Missing or cut short: build.
    return undefined;
  }
}

async function writeAside(file: string, content: string): Promise<void> {
  await mkdir(dist, { recursive: true });
  const aside = `${file}.${process.pid}`;
  await writeFile(aside, content);
  await rename(aside, file);
}

function isInstalled(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    return false;
  }
}

function ignoring(code: string) {
  return (error: unknown) => {
    if (codeOf(error) !== code) throw error;
  };
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? '';
}

if (import.meta.main) process.stdout.write(JSON.stringify(await buildBoth()));
