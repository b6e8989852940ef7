import type { Inside } from '#src/context.ts';
import { reschedule, schedule, withdraw, withdrawAllOf } from '#src/distribute/publications.ts';
import type { Change, Fields, Names } from '#src/plan/campaign-files.ts';
import { readVariants } from '#src/plan/posts/read.ts';
import { variantInput } from '#src/plan/posts/words.ts';
import {
  approvePost,
  createPost,
  editPost,
  mayApprove,
  proposePostFor,
  removePost,
  returnPost,
  submitPost,
  type VariantInput,
} from '#src/plan/posts.ts';
import { wordsFrom } from '#src/plan/templates/preview.ts';
import { templateKinds } from '#src/plan/writing/index.ts';
import type { Work } from './apply.ts';
import type { StandingPost } from './stands.ts';

/** What needs a new approval. */
const REVIEWED = /^(title|link|evergreen|cool_down_days|template|text\..*)$/;

/**
 * Makes a post as its file says. What was approved goes back to review when its words change, unless the file approves
 * them and whoever applies it may. Returns its id, or null when it was removed.
 */
export async function writePost(
  inside: Inside,
  work: Work,
  campaignId: string,
  key: string,
  changes: readonly Change[],
): Promise<string | null> {
  const standing = work.stands.posts.get(key);
  if (changes.some((one) => one.kind === 'remove')) {
    if (standing) await removePost(inside, standing.id);
    return null;
  }
  const fields = work.file.things.post[key] ?? {};
  if (!standing) return create(inside, work, campaignId, key, fields);
  const changed = new Set(changes.flatMap((one) => one.field ?? []));
  const settings = settingsOf(fields, changed, work.names);
  const reworded = [...changed].some((field) => field === 'template' || field.startsWith('text.'));
  const variants = reworded ? await wordsOf(inside, work, fields, changed, standing.id) : undefined;
  const live = standing.status === 'approved' || standing.status === 'scheduled';
  const reviewed = live && [...changed].some((field) => REVIEWED.test(field));
  const post = { ...standing, waiting: new Map(standing.waiting) };
  if ((reviewed && fields.approved !== true) || standing.status === 'withdrawn') {
    await returnPost(inside, post.id, 'Its campaign file changed it.');
    await withdrawAllOf(inside, post.id);
    const first = Math.min(...[...post.waiting.values()].map((one) => one.dueAt.getTime()));
    if (Number.isFinite(first) && settings.proposedFor === undefined) settings.proposedFor = new Date(first);
    post.waiting.clear();
    post.status = 'draft';
  }
  if (variants || Object.keys(settings).length > 0) {
    const { version } = await inside.tx
      .selectFrom('posts')
      .select('version')
      .where('id', '=', post.id)
      .executeTakeFirstOrThrow();
    const change = { ...settings, ...(variants ? { variants } : {}) };
    post.status = (await editPost(inside, post.id, version, change)).status;
  }
  if (reviewed && post.status === 'draft' && !(await mayApprove(inside, { source: 'import' })))
    await submitPost(inside, post.id, 'Its campaign file changed it.');
  await bringOut(inside, work, post, fields, changed);
  return post.id;
}

async function create(inside: Inside, work: Work, campaignId: string, key: string, fields: Fields): Promise<string> {
  const all = new Set(Object.keys(fields));
  const template = fields.template as Template | undefined;
  const { id } = await createPost(inside, {
    appId: work.appId,
    campaignId,
    source: 'import',
    fileKey: key,
    templateId: template ? (work.names.templates.get(template.name) ?? null) : null,
    ...(template
      ? await fromTemplate(inside, work, template)
      : { variants: await wordsOf(inside, work, fields, all, null) }),
    ...settingsOf(fields, all, work.names),
  });
  await bringOut(inside, work, { id, status: 'draft', waiting: new Map() }, fields, all);
  return id;
}

/** Approves and schedules where the file says so; moves what waits when the file gives it another moment. */
async function bringOut(
  inside: Inside,
  work: Work,
  post: Pick<StandingPost, 'id' | 'status' | 'waiting'>,
  fields: Fields,
  changed: ReadonlySet<string>,
): Promise<void> {
  const unapproved = post.status === 'draft' || post.status === 'in_review' || post.status === 'failed';
  if (fields.approved === 'in_review' && changed.has('approved') && post.status === 'draft')
    await submitPost(inside, post.id, 'From its campaign file.');
  if (fields.approved === true && unapproved && changed.has('approved')) await approvePost(inside, post.id);
  const ready = !unapproved || (fields.approved === true && changed.has('approved'));
  for (const name of changed) {
    if (!name.startsWith('schedule.')) continue;
    const account = name.slice('schedule.'.length);
    const waits = post.waiting.get(account);
    const accountId = work.names.accounts.get(account);
    const when = fields[name] ?? null;
    if (when === null) {
      if (waits) await withdraw(inside, waits.publicationId, 'It was taken out of the campaign file.');
    } else if (!ready) {
      if (when !== 'next slot') await proposePostFor(inside, post.id, new Date(String(when)));
    } else if (accountId) {
      const moment = when === 'next slot' ? ('next_slot' as const) : { at: new Date(String(when)) };
      if (waits) await reschedule(inside, waits.publicationId, moment);
      else await schedule(inside, { postId: post.id, accountIds: [accountId], when: moment });
    }
  }
  if (changed.has('at') && typeof fields.at === 'string')
    for (const { publicationId } of post.waiting.values())
      await reschedule(inside, publicationId, { at: new Date(fields.at) });
}

function settingsOf(fields: Fields, changed: ReadonlySet<string>, names: Names) {
  const has = (field: string) => changed.has(field) && field in fields;
  const moment = fields.at == null ? null : new Date(String(fields.at));
  return {
    ...(has('title') ? { title: String(fields.title) } : {}),
    ...(has('kind') ? { kind: templateKinds.find((kind) => kind === fields.kind) ?? null } : {}),
    ...(has('theme') ? { themeId: names.themes.get(String(fields.theme)) ?? null } : {}),
    ...(has('link') ? { linkUrl: fields.link as string | null } : {}),
    ...(has('evergreen') ? { evergreen: fields.evergreen === true } : {}),
    ...(has('cool_down_days') ? { coolDownDays: Number(fields.cool_down_days) } : {}),
    ...(has('minutes') ? { minutesSpent: Number(fields.minutes) } : {}),
    ...(has('at') ? { proposedFor: moment } : ({} as { proposedFor?: Date | null })),
  };
}

/** The words of the file; platforms that it never named stay as they are in the app. */
async function wordsOf(
  inside: Inside,
  work: Work,
  fields: Fields,
  changed: ReadonlySet<string>,
  postId: string | null,
): Promise<VariantInput[]> {
  if (fields.template) return (await fromTemplate(inside, work, fields.template as Template)).variants;
  const own = Object.entries(fields).flatMap(([name, words]) =>
    name.startsWith('text.') ? [variantOf(name.slice('text.'.length), words as Words)] : [],
  );
  const said = new Set([...own.map((one) => `text.${one.platform}`), ...changed]);
  const others = postId ? await readVariants(inside, postId) : [];
  return [
    ...own,
    ...others
      .filter((one) => !said.has(`text.${one.platform}`))
      .map(({ parts, ...variant }) => variantOf(variant.platform, { ...variant, parts: parts.map(partOf) })),
  ];
}

type Template = { name: string; variables: Record<string, string>; platforms: string[] };

/** As it would be written in the app: each platform in the template's words for it, with what they rest on. */
async function fromTemplate(inside: Inside, work: Work, { name, variables: values, platforms }: Template) {
  const templateId = work.names.templates.get(name) ?? '';
  const { variants, claims, title, kind } = await wordsFrom(inside, {
    templateId,
    appId: work.appId,
    values,
    platforms,
  });
  return { variants, claims, title, kind };
}

type Part = {
  text: string;
  media: { asset: string; alt: string | null }[];
  poll: VariantInput['parts'][number]['poll'];
};
type Words = Pick<VariantInput, 'title' | 'firstReply' | 'replySettings' | 'community' | 'longPost'> & {
  parts: Part[];
};

/** Through the schema of the door: what a file brings is checked like anything else that is written. */
function variantOf(platform: string, { parts, title, firstReply, replySettings, community, longPost }: Words) {
  return variantInput.parse({
    platform,
    title,
    firstReply,
    replySettings,
    community,
    longPost,
    parts: parts.map(({ text, media, poll }) => ({
      text,
      media: media.map(({ asset, alt }) => ({ assetId: asset, altText: alt })),
      poll: poll ?? null,
    })),
  });
}

function partOf(part: Awaited<ReturnType<typeof readVariants>>[number]['parts'][number]): Part {
  const media = part.media.map(({ assetId, altText }) => ({ asset: assetId, alt: altText ?? null }));
  return { text: part.text, media, poll: part.poll ?? null };
}
