/** How a reading tells what it did. */
import type { Outcome } from './crawl.ts';
import type { FreshPage } from './page.ts';

export function pathOf(url: string): string {
  const { pathname, search } = new URL(url);
  const path = `${pathname}${search}`;
  return path.length > 60 ? `${path.slice(0, 59)}…` : path;
}

export function listed(words: string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

/** `Read /pricing and /about.`, or by kind when they are many; then what was left out, and why. */
export function summary(pages: readonly FreshPage[], outcomes: readonly Outcome[]): string {
  if (outcomes.length === 1) return 'The home page leads to no further pages of the site.';
  const said = [pages.length > 0 ? `Read ${named(pages)}.` : 'None could be read.'];
  const unchanged = pages.filter((one) => one.unchanged).length;
  if (unchanged > 0)
    said.push(unchanged === pages.length ? 'None of them changed.' : `${unchanged} of them unchanged.`);
  const many = (outcome: Outcome['outcome']) => outcomes.filter((one) => one.outcome === outcome).length;
  const failed = outcomes.filter(({ outcome }) => outcome === 'failed' || outcome === 'missing');
  for (const { url, note } of failed.slice(0, 3)) said.push(`${pathOf(url)} was left out: ${note}`);
  if (failed.length > 3) said.push(`${failed.length - 3} more could not be read.`);
  if (many('disallowed') > 0) said.push(`${many('disallowed')} left alone as robots.txt asks.`);
  if (many('duplicate') > 0) said.push(`${many('duplicate')} lead to another page or say the same.`);
  if (many('soft_404') > 0) said.push(`${many('soft_404')} only look like pages.`);
  if (many('script_only') > 0) said.push(`${many('script_only')} show no text until their scripts run.`);
  return said.join(' ');
}

function named(pages: readonly FreshPage[]): string {
  if (pages.length <= 8) return listed(pages.map((one) => pathOf(one.page.url)));
  const kinds = Map.groupBy(pages, (one) => one.kind);
  return `${pages.length} pages: ${listed([...kinds].map(([kind, those]) => `${those.length} ${KINDS[kind]}`))}`;
}

const KINDS: Record<FreshPage['kind'], string> = {
  home: 'home',
  pricing: 'pricing',
  features: 'features',
  about: 'about',
  docs: 'docs',
  blog: 'blog',
  changelog: 'changelog',
  readme: 'README',
  store: 'store',
  other: 'other',
};
