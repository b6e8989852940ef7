import { createHash } from 'node:crypto';
import { stringify } from 'yaml';
import { toDecimal } from '#src/outside/payments/currency.ts';
import { dayIn, momentOf, timeIn } from '#src/plan/times.ts';
import { canonical, type Fields, type Settled, type Value } from './compare.ts';

const HEAD = `# See what it would change: fanfare plan FILE. Make it so: fanfare apply FILE.
# The format for editors: fanfare plan --schema
`;

/** The file of a campaign as it stands: reading it again finds nothing to change. */
export function writeCampaignFile(wanted: { app: string; key: string; zone: string; stands: Settled }): string {
  const { stands, zone } = wanted;
  const { starts, ends, budget, goals, ...campaign } = stands.campaign;
  const currency = (stands.campaign.currency as string | undefined) ?? 'USD';
  const { currency: _, status, ...plain } = campaign;
  const document = {
    app: wanted.app,
    campaign: wanted.key,
    revision: revisionOf(stands),
    ...plain,
    status,
    starts,
    ends,
    budget: moneyOut(budget ?? null),
    goals: Object.fromEntries(
      Object.entries((goals ?? {}) as Record<string, string>).map(([metric, target]) => [
        metric,
        metric === 'revenue' ? toDecimal(BigInt(target), currency) : target.length > 12 ? target : Number(target),
      ]),
    ),
    zone,
    posts: Object.entries(stands.things.post).map(([key, fields]) => postOut(key, fields, zone)),
    costs: Object.entries(stands.things.cost).map(([key, { amount, rate, minutes, channel, post, note, ...rest }]) => ({
      key,
      ...rest,
      ...(amount ? { amount: moneyOut(amount) } : {}),
      ...(minutes ? { minutes } : {}),
      ...(rate ? { hourly_rate: moneyOut(rate) } : {}),
      ...(channel ? { channel } : {}),
      ...(post ? { post } : {}),
      ...(note ? { note } : {}),
    })),
    links: Object.entries(stands.things.link).map(([key, { expires, ...rest }]) => ({
      key,
      ...withoutNulls(rest),
      ...(expires ? { expires: momentOut(String(expires), zone) } : {}),
    })),
  };
  return `${HEAD}${stringify(document, { lineWidth: 0, aliasDuplicateObjects: false })}`;
}

/** Names a state of a campaign: an edited export knows by it what it was taken from. */
export function revisionOf(stands: Settled): string {
  const { campaign, things } = stands;
  return createHash('sha256').update(canonical({ campaign, things })).digest('hex').slice(0, 16);
}

type Part = { text: string; media: { asset: string; alt: string | null }[]; poll: Value };
type Words = {
  title: Value;
  firstReply: Value;
  replySettings: Value;
  community: Value;
  longPost: Value;
  parts: Part[];
};

function postOut(key: string, fields: Fields, zone: string) {
  const { approved, at, template: _, ...rest } = fields;
  const plain = Object.entries(rest).filter(([name]) => !name.includes('.'));
  const named = (prefix: string) =>
    Object.entries(rest).flatMap(([name, value]): [string, Value][] =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [],
    );
  const schedule = named('schedule.');
  const approve = approved === true;
  return {
    key,
    ...Object.fromEntries(plain),
    text: Object.fromEntries(named('text.').map(([platform, words]) => [platform, wordsOut(words as Words)])),
    ...(approve && schedule.length > 0
      ? { schedule: schedule.map(([account, when]) => ({ account, at: momentOut(String(when), zone) })) }
      : { at: at == null ? null : momentOut(String(at), zone) }),
    ...(approve ? { approve } : {}),
  };
}

function wordsOut({ parts, ...more }: Words) {
  const plain = parts.map((part) =>
    part.media.length === 0 && part.poll === null && part.text !== ''
      ? part.text
      : {
          text: part.text,
          ...(part.media.length > 0 ? { media: part.media.map(({ asset, alt }) => ({ asset, alt })) } : {}),
          ...(part.poll === null ? {} : { poll: part.poll }),
        },
  );
  const names = { title: 'title', firstReply: 'first_reply', replySettings: 'reply_settings' } as const;
  const said = Object.fromEntries(
    [...Object.entries(names), ['community', 'community'], ['longPost', 'long_post']].flatMap(([name, written]) => {
      const value = more[name as keyof typeof more];
      return value ? [[written, value]] : [];
    }),
  );
  if (Object.keys(said).length > 0) return { ...said, parts: plain };
  return plain.length === 1 && typeof plain[0] === 'string' ? plain[0] : plain;
}

/** A local time where one stands for the moment, else the moment itself. */
function momentOut(instant: string, zone: string): string {
  const at = new Date(instant);
  const [day, time] = [dayIn(zone, at), timeIn(zone, at)];
  return momentOf(zone, day, time).getTime() === at.getTime() ? `${day} ${time}` : instant;
}

function moneyOut(money: Value) {
  if (money === null) return null;
  const { minor, currency } = money as { minor: string; currency: string };
  return { amount: toDecimal(BigInt(minor), currency), currency };
}

function withoutNulls(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}
