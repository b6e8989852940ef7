import { Temporal } from 'temporal-polyfill';
import type { Inside } from '#src/context.ts';
import { fromDecimal, minorUnits } from '#src/outside/payments/currency.ts';
import { workspaceOf } from '#src/people/workspaces.ts';
import { wordsFrom } from '#src/plan/templates/preview.ts';
import { seedTemplates } from '#src/plan/templates.ts';
import { momentOf } from '#src/plan/times.ts';
import { Refusal } from '#src/refusal.ts';
import type { Fields, Settled, Value } from './compare.ts';
import type { CostText, LinkText, PostText, WordsText } from './format.ts';
import { guess } from './guess.ts';
import type { CampaignDocument, FileProblem } from './read.ts';

/** A picture a file names by its path: what it is, and its id where it has been sent already. */
export type GivenMedia = { path: string; sha256?: string | undefined; assetId?: string | undefined };

/** The names that a file may use, with what they stand for. */
export type Names = Record<'audiences' | 'themes' | 'templates' | 'channels' | 'accounts', Map<string, string>> & {
  platforms: ReadonlySet<string>;
  /** Alternative texts by asset. */
  assets: Map<string, string | null>;
};

/** Stands for a picture that has yet to be sent. */
export const TO_BE_SENT = 'to be sent: ';

/** What the names in a campaign file of this app stand for. */
export async function namesOf(inside: Inside, appId: string): Promise<Names> {
  const { tx } = inside;
  await seedTemplates(inside);
  const named = (rows: readonly { id: string; name: string }[]) =>
    new Map([...rows].reverse().map((row) => [row.name, row.id]));
  const accounts = await tx
    .selectFrom('accounts')
    .select(['id', 'platform', 'handle'])
    .where('status', '<>', 'removed')
    .execute();
  return {
    audiences: named(await tx.selectFrom('audiences').select(['id', 'name']).where('appId', '=', appId).execute()),
    themes: named(await tx.selectFrom('contentThemes').select(['id', 'name']).where('appId', '=', appId).execute()),
    templates: named(await tx.selectFrom('templates').select(['id', 'name']).where('retiredAt', 'is', null).execute()),
    channels: named(
      await tx.selectFrom('channels').select(['id', 'name']).where('appId', '=', appId).orderBy('createdAt').execute(),
    ),
    accounts: new Map(accounts.map((one) => [`${one.platform}/${one.handle}`, one.id])),
    platforms: new Set(inside.platforms.keys()),
    assets: new Map(
      (await tx.selectFrom('assets').select(['id', 'altText']).execute()).map((row) => [row.id, row.altText]),
    ),
  };
}

/** The app a campaign file is for: by what it names, else by what was chosen, else the only one there is. */
export async function appFor(
  { tx }: Inside,
  document: CampaignDocument,
  appId: string | undefined,
): Promise<{ id: string } | FileProblem> {
  const apps = await tx.selectFrom('apps').select(['id', 'name', 'url']).execute();
  const said = document.text.app?.toLowerCase();
  const fits = apps.filter((app) => {
    if (appId !== undefined && app.id !== appId) return false;
    return said === undefined || [app.name, app.url, new URL(app.url).host].some((one) => one.toLowerCase() === said);
  });
  const [app] = fits;
  if (app && fits.length === 1) return app;
  const known = apps.map((one) => new URL(one.url).host).join(', ') || 'none yet';
  return {
    file: document.file.name,
    ...document.placeOf(['app']),
    message:
      said === undefined
        ? `Say which app this campaign is for, e.g. "app: ${apps[0] ? new URL(apps[0].url).host : 'example.com'}". There are: ${known}.`
        : `There is no app “${document.text.app}” here. There are: ${known}.`,
  };
}

/**
 * What a campaign file says, with every name looked up, every local time a moment and every amount minor units, so that
 * it can be compared. Names that stand for nothing are problems with their place.
 */
export async function settle(
  inside: Inside,
  document: CampaignDocument,
  given: { appId: string; names: Names; media: readonly GivenMedia[]; mayApprove: boolean; currency: string },
): Promise<{ settled: Settled; problems: FileProblem[] }> {
  const { text } = document;
  const { names } = given;
  const problems: FileProblem[] = [];
  const problem = (path: PropertyKey[], message: string) =>
    problems.push({ file: document.file.name, ...document.placeOf(path), message });
  const known = (map: ReadonlyMap<string, string>, what: string, name: string, path: PropertyKey[]) => {
    if (!map.has(name)) problem(path, `There is no ${what} “${name}” here. ${there(name, map.keys())}`);
    return name;
  };
  const zone = text.zone ?? (await workspaceOf(inside)).timeZone;
  const settled: Settled = { campaign: {}, things: { post: {}, cost: {}, link: {} } };

  const campaign: Record<string, Value | undefined> = {
    name: text.name,
    objective: text.objective,
    status: text.status === 'scheduled' ? 'active' : text.status,
    description: text.description,
    starts: text.starts,
    ends: text.ends,
    budget: moneyOf(text.budget, (message) => problem(['budget'], message)),
    pacing: text.pacing,
    colour: text.colour,
    audiences: text.audiences?.map((name, at) => known(names.audiences, 'audience', name, ['audiences', at])).sort(),
    regions: text.regions && [...new Set(text.regions)].sort(),
    goals:
      text.goals &&
      goalsOf(text.goals, text.budget?.currency ?? given.currency, (metric, message) =>
        problem(['goals', metric], message),
      ),
  };
  settled.campaign = said(campaign);
  if (text.starts && text.ends && text.ends < text.starts)
    problem(['ends'], 'The last day lies before the first. Swap them.');

  for (const [at, post] of (text.posts ?? []).entries()) {
    const path = ['posts', at];
    const fields: Record<string, Value | undefined> = {
      title: post.title,
      kind: post.kind,
      theme: post.theme == null ? post.theme : known(names.themes, 'theme', post.theme, [...path, 'theme']),
      link: post.link,
      evergreen: post.evergreen,
      cool_down_days: post.cool_down_days,
      minutes: post.minutes,
    };
    for (const [platform, words] of Object.entries(post.text ?? {})) {
      const place = [...path, 'text', platform];
      if (!names.platforms.has(platform))
        problem(place, `There is no platform “${platform}”. ${there(platform, names.platforms)}`);
      fields[`text.${platform}`] = wordsAsValue(words, place);
    }
    if (post.template) {
      const { name, variables = {}, platforms = [] } = post.template;
      await tryTemplate(name, variables, platforms, [...path, 'template']);
      fields.template = { name, variables, platforms };
    }
    Object.assign(fields, whenOf(post, path));
    settled.things.post[post.key] = said(fields);
  }
  for (const [at, cost] of (text.costs ?? []).entries()) settled.things.cost[cost.key] = costOf(cost, at);
  for (const [at, link] of (text.links ?? []).entries()) settled.things.link[link.key] = linkOf(link, at);
  return { settled, problems };

  /** Its words are written when it is used: what is known may change later, and the post stays as it was. */
  async function tryTemplate(
    name: string,
    values: Record<string, string>,
    platforms: string[],
    path: PropertyKey[],
  ): Promise<void> {
    const templateId = names.templates.get(known(names.templates, 'template', name, [...path, 'name']));
    if (!templateId) return;
    try {
      const filled = await wordsFrom(inside, { templateId, appId: given.appId, values, platforms });
      if (filled.complete) return;
      const lacks = filled.missing.map((one) => `${one.name} (${one.why})`).join(', ');
      problem(path, `The template cannot be filled: ${lacks || 'what is known does not fit in'}. Give variables.`);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      problem(path, error.message);
    }
  }

  function wordsAsValue(words: WordsText, path: PropertyKey[]): Value {
    const whole = typeof words === 'string' || Array.isArray(words) ? { parts: [words].flat() } : words;
    return {
      title: ('title' in whole && whole.title) || null,
      firstReply: ('first_reply' in whole && whole.first_reply) || null,
      replySettings: ('reply_settings' in whole && whole.reply_settings) || null,
      community: ('community' in whole && whole.community) || null,
      longPost: ('long_post' in whole && whole.long_post) || false,
      parts: whole.parts.map((part, at) => {
        if (typeof part === 'string') return { text: part, media: [], poll: null };
        return {
          text: part.text,
          media: (part.media ?? []).map((one) => {
            const asset = one.asset ?? pictureAt(one.path ?? '', [...path, 'parts', at]);
            if (one.asset && !names.assets.has(one.asset))
              problem([...path, 'parts', at], `There is no picture or video with the id ${one.asset} here.`);
            return { asset, alt: one.alt ?? names.assets.get(asset) ?? null };
          }),
          poll: part.poll ?? null,
        };
      }),
    };
  }

  function pictureAt(wanted: string, path: PropertyKey[]): string {
    const sent = given.media.find((one) => one.path === wanted);
    if (!sent)
      problem(
        path,
        `The picture “${wanted}” did not come with the file. Send it to /api/v1/uploads first and name its id in media, or use the command line, which does.`,
      );
    return sent?.assetId ?? `${TO_BE_SENT}${wanted}`;
  }

  function whenOf(post: PostText, path: PropertyKey[]): Record<string, Value | undefined> {
    const own = post.zone ?? zone;
    const platforms = new Set(post.text ? Object.keys(post.text) : (post.template?.platforms ?? []));
    const usual = (text.accounts ?? []).filter((one) => {
      const platform = one.split('/')[0] ?? '';
      return platform === 'sandbox' || platforms.size === 0 || platforms.has(platform);
    });
    const at = post.at;
    for (const account of post.at == null ? (post.accounts ?? []) : [])
      known(names.accounts, 'connected account', account, [...path, 'accounts']);
    const entries = post.schedule ?? (at ? (post.accounts ?? usual).map((account) => ({ account, at })) : []);
    for (const { account } of entries)
      known(names.accounts, 'connected account', account, [...path, post.accounts ? 'accounts' : 'schedule']);
    const moments = entries.map(
      ({ account, at: when }) => [account, instantOf(when, own, () => problem([...path, 'at'], NO_DAY))] as const,
    );
    if (post.approve && given.mayApprove && moments.length > 0)
      return {
        approved: true,
        ...Object.fromEntries(moments.map(([account, when]) => [`schedule.${account}`, when])),
      };
    const one = at == null ? at : instantOf(at, own, () => problem([...path, 'at'], NO_DAY));
    const dated = one ?? moments.map(([, when]) => when).sort()[0];
    return {
      approved: post.approve ? (given.mayApprove ? true : 'in_review') : undefined,
      at: dated === 'next slot' ? undefined : dated,
    };
  }

  function costOf(cost: CostText, at: number): Fields {
    const path = ['costs', at];
    if (cost.channel) known(names.channels, 'channel', cost.channel, [...path, 'channel']);
    if (cost.post && !(text.posts ?? []).some((post) => post.key === cost.post))
      problem([...path, 'post'], `There is no post with the key “${cost.post}” in this campaign.`);
    const isTime = cost.kind === 'time';
    if (isTime && cost.minutes === undefined) problem(path, 'Say how many minutes it took.');
    if (isTime && cost.amount)
      problem([...path, 'amount'], 'The amount of own time follows from minutes and rate. Leave it out.');
    if (!isTime && !cost.amount) problem(path, 'Say how much it cost.');
    if (!isTime && (cost.minutes !== undefined || cost.hourly_rate))
      problem(path, 'Minutes and a rate belong to the kind "time" only.');
    return said({
      day: cost.day,
      kind: cost.kind,
      amount: moneyOf(cost.amount, (message) => problem([...path, 'amount'], message)),
      minutes: cost.minutes,
      rate: moneyOf(cost.hourly_rate, (message) => problem([...path, 'hourly_rate'], message)),
      channel: cost.channel ?? null,
      post: cost.post ?? null,
      note: cost.note ?? '',
    });
  }

  function linkOf(link: LinkText, at: number): Fields {
    const path = ['links', at];
    if (link.channel) known(names.channels, 'channel', link.channel, [...path, 'channel']);
    return said({
      to: new URL(link.to).href,
      code: link.code,
      channel: link.channel,
      expires:
        link.expires == null
          ? link.expires
          : instantOf(link.expires, zone, () => problem([...path, 'expires'], NO_DAY)),
      fallback: link.fallback == null ? link.fallback : new URL(link.fallback).href,
      source: link.source,
      medium: link.medium,
      content: link.content,
      term: link.term,
    });
  }
}

/** What there is instead of a name nobody knows: the one that was probably meant, else the first dozen. */
function there(name: string, known: Iterable<string>): string {
  const all = [...known];
  const meant = guess(name, all);
  return meant ? `Did you mean “${meant}”?` : `There are: ${all.slice(0, 12).join(', ') || 'none yet'}.`;
}

const NO_DAY = 'There is no such day or time. Check it.';

/** The moment as ISO text, or "next slot" as it is. */
function instantOf(when: string, zone: string, broken: () => void): string {
  if (when === 'next slot') return when;
  try {
    // Temporal, since Date takes 31 February for a day of March.
    if (/(Z|[+-]\d{2}:\d{2})$/.test(when))
      return new Date(Temporal.Instant.from(when.replace(' ', 'T')).epochMilliseconds).toISOString();
    return momentOf(zone, when.slice(0, 10), when.slice(11)).toISOString();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    broken();
    return new Date(0).toISOString();
  }
}

function moneyOf(
  money: { amount: string | number; currency: string } | null | undefined,
  problem: (message: string) => void,
): Value | undefined {
  if (money == null) return money;
  const { currency } = money;
  const text = String(money.amount);
  if ((/\.(\d*?)0*$/.exec(text)?.[1]?.length ?? 0) > minorUnits(currency))
    problem(`${currency} has ${minorUnits(currency)} decimals. Write fewer.`);
  return { minor: String(fromDecimal(text, currency)), currency };
}

function goalsOf(
  goals: Record<string, string | number | undefined>,
  currency: string,
  problem: (metric: string, message: string) => void,
): Value {
  const settled: Record<string, string> = {};
  for (const [metric, target] of Object.entries(goals)) {
    if (target === undefined) continue;
    const money = metric === 'revenue';
    if (!money && !/^\d+(\.0+)?$/.test(String(target))) problem(metric, `${metric} is a whole number.`);
    settled[metric] = String(fromDecimal(String(target), money ? currency : 'JPY'));
    if (settled[metric] === '0') problem(metric, 'A goal is more than 0. Leave it out.');
  }
  return settled;
}

/** Only what is said; what is left out is not compared. */
function said(fields: Record<string, Value | undefined>): Fields {
  return Object.fromEntries(Object.entries(fields).filter((entry): entry is [string, Value] => entry[1] !== undefined));
}
