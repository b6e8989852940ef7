/**
 * The card under a post with a link. Bluesky makes none by itself: the post has to bring the title and the words of the
 * page. A page that cannot be read in time gives no card, and the link in the text is as good as before.
 */
import { load } from 'cheerio';
import type { Web } from '#src/outside/web.ts';
import type { Entity } from './text.ts';

const PATIENCE = { totalMs: 5_000, idleMs: 3_000, maxBytes: 2_000_000 };
const TITLE = 300;
const DESCRIPTION = 1_000;

/** The card of the first link; null when there is none to show. */
export async function cardOf(web: Web, entities: readonly Entity[]): Promise<object | null> {
  const link = entities.find((entity) => entity.kind === 'link');
  if (!link) return null;
  const read = await web.fetchPage(link.uri, PATIENCE);
  if (!read.ok || read.page.status !== 200) return null;
  const page = load(read.page.html);
  const meta = (name: string) => page(`meta[property="${name}"], meta[name="${name}"]`).first().attr('content') ?? '';
  const title = tidy(meta('og:title') || page('title').first().text(), TITLE);
  if (!title) return null;
  const description = tidy(meta('og:description') || meta('description'), DESCRIPTION);
  return { $type: 'app.bsky.embed.external', external: { uri: link.uri, title, description } };
}

function tidy(text: string, most: number): string {
  const plain = text.toWellFormed().replace(/\s+/g, ' ').trim();
  return plain.length > most ? `${plain.slice(0, most - 1).toWellFormed()}…` : plain;
}
