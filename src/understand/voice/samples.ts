import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import { factsInUse } from '#src/understand/knowledge.ts';
import type { VoiceFact } from '#src/understand/voice.ts';
import { FLOORS, type Learnt, measureVoice, type Sample } from './measure.ts';

/** So many of the newest are learnt from: how somebody writes today. */
const NEWEST = 200;
const LONGEST = 20_000;
const PAGE_KINDS = ['home', 'features', 'pricing', 'about', 'blog', 'changelog'] as const;
const VOICE_KINDS = ['tone', 'personality', 'do_say', 'dont_say', 'style_note'] as const;

/** How an app's people write, in their posts and on their pages, and which of the two a text is held against. */
export async function voiceOf(
  inside: Inside,
  appId: string,
): Promise<{ post: Learnt; page: Learnt; from: Learnt | null }> {
  const post = measureVoice('post', await ownPosts(inside, appId));
  const page = measureVoice('page', await ownPages(inside, appId));
  return { post, page, from: isEnough(post) ? post : isEnough(page) ? page : null };
}

/** The one of the two that a text is held against: the posts, once there are enough; null while neither is. */
export async function heldAgainst(inside: Inside, appId: string): Promise<Learnt | null> {
  const post = measureVoice('post', await ownPosts(inside, appId));
  if (isEnough(post)) return post;
  const page = measureVoice('page', await ownPages(inside, appId));
  return isEnough(page) ? page : null;
}

function isEnough({ kind, texts, sentences }: Learnt): boolean {
  return (kind === 'page' || texts >= FLOORS.texts) && sentences >= FLOORS.sentences;
}

/** The rules in use: found on the pages, or set by a person. */
export async function voiceRules(
  inside: Inside,
  appId: string,
): Promise<(VoiceFact & { id: string; state: string })[]> {
  const facts = await factsInUse(inside, appId);
  return facts.flatMap(({ id, kind, statement, detail, state }) => {
    const own = VOICE_KINDS.find((one) => one === kind);
    return own && own !== 'personality' ? [{ id, kind: own, statement, detail, state }] : [];
  });
}

/**
 * What they wrote themselves, or wrote over, and let out: what a template or a model wrote says nothing of them. Of each
 * post the words of its first platform.
 */
async function ownPosts({ tx, workspaceId }: Inside, appId: string): Promise<Sample[]> {
  const { rows } = await sql<{ id: string; title: string; text: string }>`
    select post.id, post.title, words.text
    from posts post
    join lateral (
      select string_agg(part.text, e'\n\n' order by part.position) as text
      from post_variants variant
      join parts part on part.workspace_id = variant.workspace_id and part.variant_id = variant.id
      where variant.workspace_id = post.workspace_id and variant.post_id = post.id
      group by variant.id, variant.position, variant.platform
      order by variant.position, variant.platform limit 1
    ) words on true
    where post.workspace_id = ${workspaceId} and post.app_id = ${appId}
      and post.status in ('approved', 'scheduled', 'published')
      and (post.source in ('person', 'import', 'reply') or post.version > 1)
    order by post.created_at desc, post.id limit ${NEWEST}`.execute(tx);
  return rows.filter(({ text }) => text.trim() !== '').map((row) => ({ ...row, kind: 'post', url: null }));
}

/** Their pages as last read. A line that stands on several (a menu, a footer) counts once, and one without an end is no sentence. */
async function ownPages({ tx, workspaceId }: Inside, appId: string): Promise<Sample[]> {
  const { rows } = await sql<{ id: string; title: string; url: string; text: string }>`
    select page.id, coalesce(version.title, page.url) as title, page.url, version.text
    from pages page
    join lateral (
      select title, text from page_versions
      where workspace_id = page.workspace_id and page_id = page.id and status = 200
      order by read_at desc limit 1
    ) version on true
    where page.workspace_id = ${workspaceId} and page.app_id = ${appId} and page.competitor_id is null
      and page.gone_at is null and page.kind = any(${[...PAGE_KINDS]})
    order by page.first_seen_at, page.url limit 25`.execute(tx);
  const seen = new Set<string>();
  return rows.map(({ text, ...row }) => ({
    ...row,
    kind: 'page',
    text: text
      .slice(0, LONGEST)
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => /[.!?…]["”’)]*$/.test(line) && !seen.has(line) && seen.add(line))
      .join('\n'),
  }));
}
