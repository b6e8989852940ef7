import type { Inside } from '#src/context.ts';
import { id } from '#src/operation.ts';
import { workspaceOf } from '#src/people/workspaces.ts';
import { type Column, type CsvRow, splitParts } from '#src/plan/calendar/csv.ts';
import { momentOfCells } from '#src/plan/calendar/moments.ts';
import type { VariantInput } from '#src/plan/posts.ts';

export type Row = { line: number; row: CsvRow };
export type House = {
  timeZone: string;
  accounts: { id: string; platform: string; handle: string; status: string }[];
  campaigns: { id: string; name: string; slug: string }[];
};

/** What the cells of a table may name. */
export async function houseOf(
  inside: Inside,
  wanted: { appId: string; timeZone?: string | undefined },
): Promise<House> {
  return {
    timeZone: wanted.timeZone ?? (await workspaceOf(inside)).timeZone,
    accounts: await inside.tx
      .selectFrom('accounts')
      .select(['id', 'platform', 'handle', 'status'])
      .where('status', '<>', 'removed')
      .execute(),
    campaigns: await inside.tx
      .selectFrom('campaigns')
      .select(['id', 'name', 'slug'])
      .where('appId', '=', wanted.appId)
      .execute(),
  };
}

/** A cell that cannot be understood. */
export class Bad extends Error {
  readonly column: Column | null;
  constructor(column: Column | null, reason: string) {
    super(reason);
    this.column = column;
  }
}

export type Read = Row & {
  platform: string;
  account: House['accounts'][number] | null;
  at: Date | null;
  variant: VariantInput;
};

/** What a row says; throws `Bad` for the first cell that cannot be understood. */
export function readRow(inside: Inside, house: House, { line, row }: Row): Read {
  if (row.text.trim() === '' && row.media.trim() === '') throw new Bad('text', 'There is no text.');
  const account = accountOf(house, row);
  const platform = account?.platform ?? platformOf(inside, house, row);
  const moment = momentOfCells(row, house.timeZone);
  if ('reason' in moment) throw new Bad(moment.column, moment.reason);
  const texts = splitParts(withTags(row.text, row.tags));
  if (texts.length > 50) throw new Bad('text', 'A thread has at most 50 parts.');
  const media = mediaOf(row, texts.length);
  const parts = texts.map((text, part) => ({ text, media: media.get(part) ?? [] }));
  return { line, row, platform, account, at: moment.at, variant: { platform, parts } };
}

function accountOf({ accounts }: House, row: CsvRow): House['accounts'][number] | null {
  const handle = row.account.trim().replace(/^@/, '').toLowerCase();
  if (!handle) return null;
  const platform = row.platform.trim().toLowerCase();
  const found = accounts.filter(
    (account) => account.handle.toLowerCase() === handle && (!platform || account.platform === platform),
  );
  const [only] = found;
  if (only && found.length === 1) return only;
  if (only) throw new Bad('platform', `There are several accounts @${handle}. Name the platform as well.`);
  const known = accounts.map((account) => `@${account.handle} (${account.platform})`).join(', ');
  throw new Bad(
    'account',
    `There is no account @${handle}${platform ? ` on ${platform}` : ''}. ${known ? `Connected: ${known}.` : 'None is connected yet.'}`,
  );
}

function platformOf(inside: Inside, { accounts }: House, row: CsvRow): string {
  const named = row.platform.trim().toLowerCase();
  const known = [...inside.platforms.keys()];
  if (known.includes(named)) return named;
  if (named)
    throw new Bad('platform', `There is no platform “${named.slice(0, 40)}”. Choose one of: ${known.join(', ')}.`);
  const [only, ...more] = new Set(accounts.map((account) => account.platform));
  if (only && more.length === 0) return only;
  throw new Bad('platform', 'Name the platform, or an account.');
}

/** The tags as hashtags after the text of the first part, those that are not in it yet. */
function withTags(text: string, tags: string): string {
  const wanted = tags
    .split(/[\s,;|]+/)
    .map((tag) => tag.replace(/^#/, ''))
    .filter((tag) => tag !== '' && !new RegExp(`#${RegExp.escape(tag)}(?![\\p{L}\\p{N}_])`, 'iu').test(text));
  if (wanted.length === 0) return text;
  const [first = '', ...rest] = text.replaceAll('\r\n', '\n').split(/(?=\n---[ \t]*\n)/);
  return [`${first} ${wanted.map((tag) => `#${tag}`).join(' ')}`, ...rest].join('');
}

function mediaOf(row: CsvRow, parts: number): Map<number, { assetId: string; altText: string | null }[]> {
  const lines = (cell: string) => cell.split(/\r?\n/).map((line) => line.trim());
  const texts = lines(row.alt_texts);
  const all = new Map<number, { assetId: string; altText: string | null }[]>();
  for (const [index, line] of lines(row.media).filter(Boolean).entries()) {
    const [, number, assetId = ''] = /^(?:(\d{1,2})\s+)?(\S+)$/.exec(line) ?? [];
    if (!id.safeParse(assetId).success)
      throw new Bad('media', `“${line.slice(0, 60)}” is not the id of a picture or video. Upload it first.`);
    const part = Number(number ?? 1) - 1;
    if (part < 0 || part >= parts) throw new Bad('media', `There is no part ${part + 1} in this thread.`);
    all.set(part, [...(all.get(part) ?? []), { assetId, altText: texts[index]?.slice(0, 1000) || null }]);
  }
  return all;
}

export function linkOf(cell: string): string | undefined {
  if (cell === '') return undefined;
  const url = URL.parse(cell);
  if (url && /^https?:$/.test(url.protocol)) return url.href;
  throw new Bad('link', 'A link is a web address with its scheme, such as https://example.com.');
}

export function campaignOf({ campaigns }: House, cell: string): string | null {
  if (cell === '') return null;
  const wanted = cell.toLowerCase();
  const found = campaigns.find((one) => one.slug === wanted || one.name.toLowerCase() === wanted);
  if (found) return found.id;
  throw new Bad('campaign', `This app has no campaign “${cell.slice(0, 60)}”. Make it first, or leave the cell empty.`);
}
