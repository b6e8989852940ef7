/** What an app says of itself beside its site: its repository and its pages in stores. */
import type { Context } from '#src/context.ts';
import { readRepository } from '#src/outside/repositories.ts';
import { appleIdOf, lookUpApple, type StoreEntry } from '#src/outside/stores.ts';
import { type PageLink, type ReadPage, readPage, readReadme, repositoryOf } from '#src/understand/reading.ts';
import { cleaned } from './clean.ts';
import type { Outcome } from './crawl.ts';
import type { BesidePage } from './page.ts';
import type { Ended } from './progress.ts';
import { listed, pathOf } from './words.ts';

export type Beside = {
  pages: BesidePage[];
  outcomes: Outcome[];
  repository: string | null;
  /** Addresses of pages that were read before and are no more. */
  gone: string[];
};

/** What earlier readings kept of a page beside the site. */
export type KnownBeside = { url: string; etag: string | null; page: ReadPage };

const MOST_STORES = 3;

/** README, releases and store pages. Not having any is no failure; what cannot be read is said and left out. */
export async function readBeside(
  context: Pick<Context, 'web' | 'config' | 'demo'>,
  wanted: { repository: string | null; stores: readonly PageLink[] },
  known: readonly KnownBeside[],
): Promise<Ended<Beside>> {
  const found: Beside = { pages: [], outcomes: [], repository: wanted.repository, gone: [] };
  const said: string[] = [];
  if (wanted.repository) said.push(await fromRepository(context, wanted.repository, known, found));
  for (const { url } of wanted.stores.slice(0, MOST_STORES)) said.push(await fromStore(context, url, found));
  return {
    value: found,
    message: said.length > 0 ? said.join(' ') : 'No public repository and no store page is linked.',
    ...(found.pages.length === 0 ? { skipped: true } : {}),
  };
}

async function fromRepository(
  { config, demo }: Pick<Context, 'config' | 'demo'>,
  repository: string,
  known: readonly KnownBeside[],
  found: Beside,
): Promise<string> {
  const root = repositoryOf(repository) ?? repository;
  const where = pathOf(root).slice(1);
  const url = `${root}#readme`;
  const left = (reason: string) => {
    found.outcomes.push({ url: repository, source: 'repository', outcome: 'failed', note: reason });
    return `The repository ${where} was left out. ${reason}`;
  };
  if (demo) return left('The demo works without a network.');
  if (!repositoryOf(repository)) return left('Its host is not one whose repositories can be read in public.');
  const before = known.find((one) => one.url === url);
  const apis = { github: config.GITHUB_API_URL, gitlab: config.GITLAB_API_URL, codeberg: config.CODEBERG_API_URL };
  const answer = await readRepository(root, { apis, known: before?.etag ?? null });
  if (!answer.ok) return left(answer.refusal.reason);
  const { readme, releases } = answer.value;
  const read: string[] = [];
  if (readme === 'unchanged' && before) {
    keep(found, { kind: 'readme', page: before.page, bytes: before.page.text.length, etag: before.etag }, true);
    read.push('the README, which has not changed');
  } else if (readme !== null && readme !== 'unchanged' && readme.text.trim() !== '') {
    const page = cleaned(readReadme(readme.text, url));
    keep(found, { kind: 'readme', page, bytes: Buffer.byteLength(readme.text), etag: readme.etag }, false);
    read.push('the README');
  } else if (before) found.gone.push(url);
  if (releases.length > 0) {
    const text = releases.map((one) => `## ${one.name}\n\n${one.publishedAt.slice(0, 10)}\n\n${one.text}`).join('\n\n');
    const page = cleaned(readReadme(`# Releases of ${where}\n\n${text}`, `${root}/releases`));
    keep(found, { kind: 'changelog', page, bytes: Buffer.byteLength(text), etag: null }, false);
    read.push(`${releases.length} ${releases.length === 1 ? 'release' : 'releases'}`);
  }
  if (read.length === 0) return `${where} has no README and no releases.`;
  return `Read ${listed(read)} of ${where}.`;
}

async function fromStore(
  context: Pick<Context, 'web' | 'config' | 'demo'>,
  url: string,
  found: Beside,
): Promise<string> {
  const host = new URL(url).hostname.replace(/^www\./, '');
  const left = (reason: string) => {
    found.outcomes.push({ url, source: 'store', outcome: 'failed', note: reason });
    return `Its page on ${host} was left out. ${reason}`;
  };
  if (context.demo) return left('The demo works without a network.');
  const apple = appleIdOf(url);
  if (apple) {
    const entry = await lookUpApple(apple, context.config.APPLE_LOOKUP_URL);
    if (!entry.ok) return left(entry.reason);
    const page = cleaned(readPage(asHtml(entry.value), url));
    keep(found, { kind: 'store', page, bytes: page.text.length, etag: null }, false);
    return 'Read its page in Apple’s store.';
  }
  const answer = await context.web.fetchPage(url, { obeyRobots: true });
  if (!answer.ok) return left(answer.refusal.message);
  const page = cleaned(readPage(answer.page.html, answer.page.finalUrl));
  keep(found, { kind: 'store', page: { ...page, url }, bytes: answer.page.bytes, etag: null }, false);
  return `Read its page on ${host}.`;
}

function keep(found: Beside, one: Omit<BesidePage, 'status' | 'unchanged'>, unchanged: boolean): void {
  found.pages.push({ ...one, status: 200, unchanged });
  const source = one.kind === 'store' ? 'store' : 'repository';
  found.outcomes.push({
    url: one.page.url,
    source,
    outcome: unchanged ? 'unchanged' : 'read',
    note: null,
    bytes: one.bytes,
  });
}

/** A store entry as the page it would be, so that it is read as any page is. */
function asHtml(entry: StoreEntry): string {
  const text = (value: string) =>
    value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
  const paragraphs = (value: string) =>
    value
      .split(/\n{2,}/)
      .map((one) => `<p>${text(one).replaceAll('\n', '<br>')}</p>`)
      .join('');
  const rating =
    entry.rating && entry.ratings
      ? { aggregateRating: { '@type': 'AggregateRating', ratingValue: entry.rating, ratingCount: entry.ratings } }
      : {};
  const structured = {
    '@type': 'MobileApplication',
    name: entry.name,
    operatingSystem: 'iOS',
    applicationCategory: entry.genre,
    offers: { '@type': 'Offer', price: entry.amount ?? 0, priceCurrency: entry.currency ?? 'USD' },
    ...rating,
  };
  const notes = entry.releaseNotes
    ? `<h2>What is new${entry.version ? ` in ${text(entry.version)}` : ''}</h2>${paragraphs(entry.releaseNotes)}`
    : '';
  const price = entry.price ? `<h2>Price</h2><p>${text(entry.price)}</p>` : '';
  const data = JSON.stringify(structured).replaceAll('<', '\\u003c');
  return `<html><head><title>${text(entry.name)} in the App Store</title><script type="application/ld+json">${data}</script></head><body><main><h1>${text(entry.name)}</h1>${paragraphs(entry.description)}${price}${notes}</main></body></html>`;
}
