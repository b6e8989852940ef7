import Papa from 'papaparse';
import { z } from 'zod';
import { record } from '#src/activity.ts';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { day } from '#src/operation.ts';
import { minorUnits } from '#src/outside/payments/currency.ts';
import { audit } from '#src/people/audit.ts';
import { workspaceOf } from '#src/people/workspaces.ts';
import { refuse } from '#src/refusal.ts';
import { appOf } from '#src/understand/apps.ts';

export const costKinds = ['ads', 'api', 'tools', 'time', 'other'] as const;
type CostKind = (typeof costKinds)[number];

const MOST = 5000;
/** Other names under which advertisers' and book-keepers' tables have these columns. */
const names = {
  date: ['date', 'day', 'datum'],
  channel: ['channel', 'source', 'platform'],
  kind: ['kind', 'type', 'category'],
  amount: ['amount', 'cost', 'spend', 'amount spent'],
  currency: ['currency', 'currency code'],
  campaign: ['campaign', 'campaign name'],
  note: ['note', 'notes', 'description'],
} as const;
type Column = keyof typeof names;

export type CostRow = {
  line: number;
  day: string;
  channel: string;
  kind: CostKind;
  minor: string;
  currency: string;
  campaign: string;
  note: string;
};
export type CostProblem = { line: number; reason: string };

export const importedCosts = z.object({
  /** Newly written down. */
  added: z.int(),
  /** Those that an earlier import of the same rows has brought already. */
  already: z.int(),
  problems: z.array(z.object({ line: z.int(), reason: z.string() })),
});

/**
 * Reads a table of costs with a line of column names: date (2026-11-22) and amount (12.50) are needed; channel, kind
 * (ads when left out), currency (`fallback` when left out), campaign and note are not. Separated by commas, semicolons
 * or tabs; `line` counts the lines of the file from 1.
 */
export function readCosts(text: string, fallback: string): { rows: CostRow[]; problems: CostProblem[] } {
  const rows: CostRow[] = [];
  const problems: CostProblem[] = [];
  const { data, errors } = Papa.parse<string[]>(text.replace(/^\uFEFF/, '').trimEnd(), {
    delimitersToGuess: [',', ';', '\t'],
  });
  for (const error of errors)
    if (error.type === 'Quotes')
      problems.push({ line: (error.row ?? 0) + 1, reason: 'A quotation mark does not end.' });
  const head = (data[0] ?? []).map((cell) => cell.trim().toLowerCase());
  const at = (column: Column) => head.findIndex((cell) => (names[column] as readonly string[]).includes(cell));
  const missing = (['date', 'amount'] as const).filter((column) => at(column) === -1);
  if (missing.length > 0)
    return { rows, problems: [{ line: 1, reason: `The first line must name the column ${missing.join(' and ')}.` }] };
  for (const [index, cells] of data.entries()) {
    if (index === 0 || cells.every((cell) => cell.trim() === '')) continue;
    const line = index + 1;
    const cell = (column: Column) => (at(column) === -1 ? '' : (cells[at(column)] ?? '').trim());
    const currency = cell('currency').toUpperCase() || fallback;
    const kind = cell('kind').toLowerCase() || 'ads';
    const minor = /^[A-Z]{3}$/.test(currency) ? minorOf(cell('amount'), currency) : null;
    const known = costKinds.find((each) => each === kind);
    if (!day.safeParse(cell('date')).success)
      problems.push({ line, reason: `“${cell('date')}” is no day. Write it as 2026-11-22.` });
    else if (!/^[A-Z]{3}$/.test(currency))
      problems.push({ line, reason: `“${currency}” is no currency. Write three letters, e.g. EUR.` });
    else if (!known)
      problems.push({ line, reason: `“${kind}” is no kind of cost. There are ${costKinds.join(', ')}.` });
    else if (minor === null)
      problems.push({ line, reason: `“${cell('amount')}” is no amount of ${currency}. Write it as 12.50.` });
    else
      rows.push({
        line,
        day: cell('date'),
        channel: cell('channel').slice(0, 120),
        kind: known,
        minor,
        currency,
        campaign: cell('campaign').slice(0, 200),
        note: cell('note').slice(0, 1000),
      });
  }
  return { rows, problems };
}

/**
 * `1,234.50` of EUR is 123450. Null for what is no amount, is below zero or has more decimals than the currency, and for
 * `1.234` of a currency with cents: nobody can tell whether that is a thousand.
 */
export function minorOf(amount: string, currency: string): string | null {
  const plain = amount.replaceAll(/[\s'’]/g, '');
  const digits = minorUnits(currency);
  const alone = /^(\d+)\.(\d{3})$/.exec(plain);
  if (alone && digits === 2) return null;
  const match = alone && digits === 3 ? alone : /^(\d{1,3}(?:[.,]\d{3})+|\d+)(?:[.,](\d+))?$/.exec(plain);
  if (!match) return null;
  const whole = (match[1] ?? '').replaceAll(/[.,]/g, '');
  const fraction = match[2] ?? '';
  if (fraction.length > digits || whole.length > 15) return null;
  return BigInt(whole + fraction.padEnd(digits, '0')).toString();
}

/**
 * Writes down the costs of a table. Channels and campaigns are found by their names; a name nobody knows is a problem
 * of its line, and the others are taken. The same table twice adds nothing: as many rows of a sort as an import brought
 * already are left out.
 */
export async function importCosts(
  context: Context,
  { appId, csv }: { appId: string; csv: string },
): Promise<z.input<typeof importedCosts>> {
  return transaction(context, async (inside) => {
    const { tx, workspaceId, clock } = inside;
    await appOf(inside, appId);
    const { currency } = await workspaceOf(inside);
    const { rows, problems } = readCosts(csv, currency);
    if (rows.length > MOST)
      throw refuse('invalid', 'too_many', `At most ${MOST} rows are read at once. Split the file.`);
    const channels = await named(inside, 'channels', appId);
    const campaigns = await named(inside, 'campaigns', appId);
    const placed = rows.flatMap((row) => {
      const channelId = row.channel === '' ? null : channels.get(row.channel.toLowerCase());
      const campaignId = row.campaign === '' ? null : campaigns.get(row.campaign.toLowerCase());
      if (channelId === undefined)
        problems.push({
          line: row.line,
          reason: `There is no channel “${row.channel}”. Add it, or leave the cell empty.`,
        });
      else if (campaignId === undefined)
        problems.push({ line: row.line, reason: `There is no campaign “${row.campaign}”. Leave the cell empty.` });
      else return [{ ...row, channelId, campaignId }];
      return [];
    });
    const keyOf = (row: {
      day: string;
      kind: string;
      minor: string;
      currency: string;
      channelId: string | null;
      campaignId: string | null;
      note: string;
    }) => JSON.stringify([row.day, row.kind, row.minor, row.currency, row.channelId, row.campaignId, row.note]);
    const known = new Map<string, number>();
    const before = await tx
      .selectFrom('costEntries')
      .select(['day', 'kind', 'amountMinor as minor', 'currency', 'channelId', 'campaignId', 'note'])
      .where('appId', '=', appId)
      .where('source', '=', 'import')
      .execute();
    for (const row of before) known.set(keyOf(row), (known.get(keyOf(row)) ?? 0) + 1);
    const fresh = placed.filter((row) => {
      const left = known.get(keyOf(row)) ?? 0;
      known.set(keyOf(row), left - 1);
      return left <= 0;
    });
    for (let from = 0; from < fresh.length; from += 500)
      await tx
        .insertInto('costEntries')
        .values(
          fresh.slice(from, from + 500).map((row) => ({
            workspaceId,
            appId,
            channelId: row.channelId,
            campaignId: row.campaignId,
            day: row.day,
            kind: row.kind,
            amountMinor: row.minor,
            currency: row.currency,
            note: row.note,
            source: 'import' as const,
            createdAt: clock.now(),
          })),
        )
        .execute();
    if (fresh.length > 0) {
      await audit(inside, { operation: 'costs.import', subject: appId, after: { rows: fresh.length } });
      await record(inside, 'cost.added', { subjectId: appId, detail: { appId, kind: 'import' } });
    }
    return {
      added: fresh.length,
      already: placed.length - fresh.length,
      problems: problems.sort((a, b) => a.line - b.line).slice(0, 100),
    };
  });
}

async function named({ tx }: Inside, table: 'channels' | 'campaigns', appId: string): Promise<Map<string, string>> {
  const rows = await tx.selectFrom(table).select(['id', 'name']).where('appId', '=', appId).execute();
  return new Map(rows.map((row) => [row.name.toLowerCase(), row.id]));
}
