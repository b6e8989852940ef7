import type { Planned } from './plan.ts';
import { APP_URL } from './site.ts';
import type { Story } from './story.ts';

/** Who comes by a link that stands in no post of an account: on a day, usually so many people. */
export type Guests = {
  link: string;
  referrer: string | null;
  from: 'desk' | 'phone';
  signups: number;
  usual(ago: number): number;
};

/** In days before the end. */
const TAKEN_ON = 215;
const NADIA = 205;
const TOM = 48;
const PODCAST = 76;
const TALK = 34;

/** Places she knows from the beginning, in the order in which she works through them. */
const PLACES = [
  'x',
  'google-search',
  'indiehackers',
  'hackernews',
  'reddit-saas',
  'producthunt',
  'alternativeto',
  'own-newsletter',
  'own-affiliates',
  'podcast-guest',
  'g2',
  'changelog-news',
] as const;

/** What became of them; `in` is days from today. */
const STATUSES: Partial<
  Record<
    (typeof PLACES)[number],
    { status: 'idea' | 'active' | 'preparing' | 'paused' | 'dropped'; next?: { step: string; in: number } }
  >
> = {
  x: { status: 'active', next: { step: 'Answer everyone on the launch thread within the hour.', in: 2 } },
  'google-search': { status: 'active', next: { step: 'Rewrite the first screen of the examples guide.', in: 9 } },
  indiehackers: { status: 'active', next: { step: 'Tell the numbers of the launch.', in: 3 } },
  hackernews: { status: 'preparing', next: { step: 'Write the first comment for Show HN.', in: 1 } },
  'reddit-saas': { status: 'paused', next: { step: 'Take part for a month before the next own link.', in: 21 } },
  producthunt: { status: 'preparing', next: { step: 'Check the gallery on a phone.', in: 1 } },
  alternativeto: { status: 'preparing', next: { step: 'Name what it replaces, and add screenshots.', in: 1 } },
  'own-newsletter': { status: 'preparing', next: { step: 'Connect a mail server and send the launch letter.', in: 5 } },
  'own-affiliates': { status: 'active', next: { step: 'Pay out what is due at the end of the month.', in: 8 } },
  'podcast-guest': { status: 'active', next: { step: 'Write to two more hosts, with the talk as a sample.', in: 12 } },
  g2: { status: 'dropped' },
  'changelog-news': { status: 'idea', next: { step: 'Send the guide when the launch is over.', in: 18 } },
};

/** Beyond her own posts: the places she takes part in, the links she hands out herself, and her affiliates. */
export function openReach(story: Story, planned: Planned) {
  const { call } = story;
  const { appId } = planned;
  const guests: Guests[] = [];
  const channels = new Map<string, string>();
  const affiliates: string[] = [];
  const is = (ago: number, day: number) => ago === Math.min(day, story.days);

  const takeOn = async () => {
    const adopted = await call.channels.adopt({ appId, placeIds: [...PLACES] });
    for (const { id, placeId } of adopted.channels) channels.set(placeId, id);
    const talks = await call.channels.create({
      appId,
      name: 'Conference talks',
      kind: 'partnership',
      status: 'active',
      customs: 'Twenty minutes about the problem, one slide about Driftlog, the link as a code on the last slide.',
      limits: 'Two talks a year, more would cost too many Fridays.',
      nextStep: 'Send the proposal for the spring meetup in Hamburg.',
      nextStepOn: story.dayOf(-16),
    });
    channels.set('talks', talks.id);
  };

  const settleChannels = async () => {
    for (const [place, { status, next }] of Object.entries(STATUSES)) {
      const channelId = channels.get(place);
      if (channelId)
        await call.channels.update({
          channelId,
          status,
          nextStep: next?.step ?? null,
          nextStepOn: next ? story.dayOf(-next.in) : null,
        });
    }
  };

  const goOnPodcast = async () => {
    const { code } = await call.links.create({
      appId,
      destination: `${APP_URL}pricing`,
      code: 'solo-hours',
      channelId: channels.get('podcast-guest') ?? null,
      utmSource: 'solo-hours',
      utmMedium: 'podcast',
      utmCampaign: 'episode-112',
    });
    await spend('podcast-guest', '6500', 'A microphone for the podcast');
    const began = Math.min(PODCAST, story.days);
    // Most listen within a week, some find the episode months later.
    const usual = (ago: number) => 22 * Math.exp((ago - began) / 5) + 0.6;
    guests.push({ link: code, referrer: null, from: 'phone', signups: 2, usual });
  };

  /** The code on her last slide leads to the slides; when they are old news it leads to the guide. */
  const giveTalk = async () => {
    const { id, code } = await call.links.create({
      appId,
      destination: `${APP_URL}talks/release-notes-in-twenty-minutes`,
      code: 'talk',
      channelId: channels.get('talks') ?? null,
      utmSource: 'conference',
      utmMedium: 'qr',
      utmCampaign: 'indie-days-2026',
    });
    await spend('talks', '18400', 'Train and a night in Leipzig');
    const began = Math.min(TALK, story.days);
    const usual = (ago: number) => (ago === began ? 58 : 14 * Math.exp((ago - began) / 4));
    guests.push({ link: code, referrer: null, from: 'phone', signups: 1.2, usual });
    return id;
  };
  let talk: string | undefined;

  const addAffiliate = async (
    wanted: Omit<Parameters<typeof call.affiliates.add>[0], 'appId'>,
    brings: Omit<Guests, 'link'>,
  ) => {
    const { id, url } = await call.affiliates.add({ appId, ...wanted });
    affiliates.push(id);
    guests.push({ ...brings, link: new URL(url).pathname.split('/').at(-1) ?? '' });
  };

  const payOut = async () => {
    const { affiliates: all } = await call.affiliates.list({ appId });
    for (const { id, name, amounts } of all)
      for (const { currency, due } of amounts)
        if (BigInt(due) > 0n)
          await call.commissions.markPaid({
            affiliateId: id,
            currency,
            note: `Bank transfer to ${name.split(' ')[0]}`,
          });
  };

  const spend = (place: string, minor: string, note: string) =>
    call.costs.add({
      appId,
      day: story.dayOf(Math.min(story.days, place === 'talks' ? TALK : PODCAST)),
      kind: 'other',
      amount: { minor, currency: 'USD' },
      channelId: channels.get(place) ?? null,
      note,
    });

  return {
    guests,
    /** What she does about it on a day. */
    async day(ago: number): Promise<void> {
      story.at(story.momentOf(ago, '08:40'));
      if (is(ago, TAKEN_ON)) await takeOn();
      if (is(ago, NADIA))
        await addAffiliate(
          { name: 'Nadia Costa', email: 'nadia@toolsandtea.example', code: 'nadia', rule: { percent: 25 }, months: 12 },
          { referrer: 'https://toolsandtea.example/', from: 'desk', signups: 2.4, usual: () => 1.6 },
        );
      if (is(ago, PODCAST)) await goOnPodcast();
      if (is(ago, TOM))
        await addAffiliate(
          {
            name: 'Tom Okafor',
            email: 'tom@okafor.example',
            code: 'okafor',
            rule: { fixed: { minor: '1000', currency: 'USD' } },
            months: 6,
          },
          { referrer: 'https://www.youtube.com/', from: 'desk', signups: 2, usual: () => 2.2 },
        );
      if (is(ago, TALK)) talk = await giveTalk();
      if (talk && is(ago, TALK - 12))
        await call.links.update({ linkId: talk, destination: `${APP_URL}guides/release-notes-that-get-read` });
      if (ago === 88 || ago === 61) await payOut();
      if (ago === 1) await settleChannels();
    },
  };
}
