import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';
import type { AxeResults, ElementContext, RunOptions } from 'axe-core';
import { type Browser, chromium, type LaunchOptions, type Page } from 'playwright-core';

const require = createRequire(import.meta.url);
const root = dirname(import.meta.dirname);

/**
 * A headless browser. In this order: FANFARE_BROWSER or CHROME_PATH (a path, or a channel such as `chrome`), the
 * Chromium inside `@sparticuz/chromium` (Linux on x64: same version, fonts and pixels everywhere, nothing to install),
 * a Chromium or Chrome on PATH, an installed Chrome or Edge. Close it when done. Throws, listing what was tried.
 */
export async function launchBrowser(): Promise<Browser> {
  const failures: string[] = [];
  for (const candidate of await candidates()) {
    try {
      return await chromium.launch({ headless: true, args: flags(), ...candidate });
    } catch (error) {
      const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
      failures.push(`${candidate.executablePath ?? candidate.channel}: ${reason}`);
    }
  }
  throw new Error(
    `No browser to run the tests in. Install Chrome or Chromium, or set FANFARE_BROWSER to its path.\n${failures.join('\n')}`,
  );
}

/**
 * What axe finds wrong with the page, all rules on but AAA contrast, best practices and experimental ones included: a line per element
 * with rule, reason and selector. `exclude` takes selectors, for what copies another product's colours; `only` names the
 * rules to hold a page against again after a change that can break no other.
 */
export async function accessibilityProblems(
  page: Page,
  options: { exclude?: string[]; only?: string[] } = {},
): Promise<string[]> {
  // Once per document: half a megabyte to send and to compile.
  if (!(await page.evaluate(() => 'axe' in window)))
    await page.evaluate(await readFile(require.resolve('axe-core/axe.min.js'), 'utf8'));
  const asked = { exclude: options.exclude ?? [], only: options.only };
  const { violations } = await page.evaluate(async ({ exclude, only }): Promise<AxeResults> => {
    const { axe } = window as unknown as {
      axe: { getRules(): { ruleId: string }[]; run(context: ElementContext, options: RunOptions): Promise<AxeResults> };
    };
    const rules = Object.fromEntries(
      axe.getRules().map(({ ruleId }) => [ruleId, { enabled: only?.includes(ruleId) ?? true }]),
    );
    // WCAG AAA asks 7:1; the design is tuned to AA's 4.5:1 on its darkest ground.
    rules['color-contrast-enhanced'] = { enabled: false };
    return await axe.run(
      { include: [['html']], exclude: exclude.map((selector) => [selector]) },
      // What passed is not described node by node, which takes as long as finding it.
      { rules, resultTypes: ['violations'] },
    );
  }, asked);
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => {
      const why = (node.failureSummary ?? '').split('\n').slice(1).join(' ').replaceAll(/\s+/g, ' ').trim();
      return `${id}: ${help}. ${node.target.join(' ')}. ${why}`;
    }),
  );
}

/**
 * Shows the page by day or by night, as when evening comes under its reader's eyes, and waits until it is: colours on their
 * way from one scheme to the other are neither's.
 */
export async function wear(page: Page, scheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
  await page.locator(`html[data-mantine-color-scheme="${scheme}"]`).waitFor();
  // Two frames: in the first the new colours are worked out, and only then transitions begin that can be waited for.
  await page.evaluate(async () => {
    for (let frame = 0; frame < 2; frame++) await new Promise((next) => requestAnimationFrame(next));
    const ending = document.getAnimations().filter((one) => one.effect?.getComputedTiming().endTime !== Infinity);
    await Promise.allSettled(ending.map((one) => one.finished));
  });
}

/**
 * Whether the page is wider than the screen. Compared with the screen and not with `innerWidth`, which grows with the
 * overflow on a phone and so hides it.
 */
export async function overflowsSideways(page: Page): Promise<boolean> {
  return await page.evaluate(() => document.documentElement.scrollWidth > screen.width);
}

type Candidate = Pick<LaunchOptions, 'executablePath' | 'channel' | 'env'>;

async function candidates(): Promise<Candidate[]> {
  const wanted = process.env.FANFARE_BROWSER || process.env.CHROME_PATH;
  if (wanted) return [/^[a-z-]+$/.test(wanted) ? { channel: wanted } : { executablePath: wanted }];
  const bundled = await bundledChromium();
  const names = ['chromium', 'chromium-headless-shell', 'google-chrome-stable', 'google-chrome', 'chromium-browser'];
  const installed = names
    .flatMap((name) => (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name)))
    .find((path) => existsSync(path));
  return [
    ...(bundled ? [bundled] : []),
    ...(installed ? [{ executablePath: installed }] : []),
    { channel: 'chrome' },
    { channel: 'msedge' },
  ];
}

/** Without the sandbox, which does not start in containers: loopback pages only. Never `--disable-web-security`, it hides CORS bugs. */
function flags(): string[] {
  return [
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--font-render-hinting=none',
    ...(process.platform === 'linux' ? ['--no-sandbox'] : []),
  ];
}

/** The package's Chromium, unpacked once per version into node_modules/.cache, with the libraries and fonts it needs. */
async function bundledChromium(): Promise<Candidate | undefined> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  const packed = packageFolder('@sparticuz/chromium');
  if (!packed) return undefined;
  const { version } = JSON.parse(await readFile(join(packed, 'package.json'), 'utf8')) as { version: string };
  const folder = join(root, 'node_modules', '.cache', 'chromium', version);
  if (!existsSync(join(folder, 'chromium'))) await unpackChromium(join(packed, 'bin'), folder);
  const libraries = [join(folder, 'lib'), process.env.LD_LIBRARY_PATH].filter(Boolean).join(':');
  return {
    executablePath: join(folder, 'chromium'),
    env: {
      ...(process.env as Record<string, string>),
      LD_LIBRARY_PATH: libraries,
      FONTCONFIG_FILE: await writeFontSettings(folder),
    },
  };
}

/** Aside, then renamed: several test processes may start at once on an empty cache. */
async function unpackChromium(packed: string, folder: string): Promise<void> {
  const aside = `${folder}.${process.pid}.${Date.now()}`;
  const unpack = async (name: string) => await promisify(brotliDecompress)(await readFile(join(packed, name)));
  try {
    await mkdir(aside, { recursive: true });
    await writeFile(join(aside, 'chromium'), await unpack('chromium.br'), { mode: 0o755 });
    await untar(await unpack('al2023.tar.br'), aside);
    await untar(await unpack('fonts.tar.br'), aside);
    await rename(aside, folder);
  } catch (error) {
    if (!existsSync(join(folder, 'chromium'))) throw error;
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

/** Plain files and folders out of a ustar archive (POSIX.1-1988), which is all the package uses. */
async function untar(archive: Buffer, folder: string): Promise<void> {
  const text = (from: number, length: number) => archive.toString('utf8', from, from + length).replace(/\0.*$/s, '');
  for (let at = 0; at + 512 <= archive.length && archive[at] !== 0; ) {
    const size = Number.parseInt(text(at + 124, 12), 8) || 0;
    const kind = text(at + 156, 1);
    if (kind === '0' || kind === '') {
      const file = join(folder, text(at, 100));
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, archive.subarray(at + 512, at + 512 + size), { mode: 0o755 });
    }
    at += 512 + Math.ceil(size / 512) * 512;
  }
}

/** Without fonts of our own a bare machine draws no text at all, and every element that holds only text has no width. */
async function writeFontSettings(folder: string): Promise<string> {
  const fonts = [
    join(folder, 'fonts'),
    packageFolder('@expo-google-fonts/inter'),
    packageFolder('@expo-google-fonts/noto-color-emoji'),
  ];
  const escaped = (path: string) => path.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const folders = fonts.flatMap((path) => (path ? `  <dir>${escaped(path)}</dir>\n` : []));
  const prefer = (family: string, font: string) =>
    `  <alias><family>${family}</family><prefer><family>${font}</family></prefer></alias>\n`;
  const settings = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
${folders.join('')}  <cachedir>${escaped(join(folder, 'font-cache'))}</cachedir>
${prefer('sans-serif', 'Inter')}${prefer('system-ui', 'Inter')}${prefer('emoji', 'Noto Color Emoji')}</fontconfig>
`;
  const file = join(folder, 'fonts.conf');
  const written = await readFile(file, 'utf8').catch(() => undefined);
  if (written !== settings) {
    await writeFile(`${file}.${process.pid}`, settings);
    await rename(`${file}.${process.pid}`, file);
  }
  return file;
}

/** Found by walking up from the entry: some packages do not export their package.json. */
function packageFolder(name: string): string | undefined {
  let folder: string;
  try {
    folder = dirname(require.resolve(name));
  } catch {
    return undefined;
  }
  while (!existsSync(join(folder, 'package.json'))) {
    if (dirname(folder) === folder) return undefined;
    folder = dirname(folder);
  }
  return folder;
}
