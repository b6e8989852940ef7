import { actOnPosts } from '#src/distribute/automations.ts';
import { fillEmptySlots } from '#src/distribute/publications/evergreen.ts';
import { publishDue } from '#src/distribute/publications.ts';
import type { Planned } from './plan.ts';
import type { LivePost } from './publishing.ts';
import type { Guests } from './reach.ts';
import { watchRivals } from './rivals.ts';
import { APP_URL } from './site.ts';
import type { Story } from './story.ts';

/** In days before the end. */
const RULES = 47;
const LETTER = 26;
const BY_HAND = 12;

/** First names of those who asked for the letter, in two lots. */
const READERS = [
  'aisha ana arjun bea carlos chen dana elif emeka farah finn greta hana hugo ines ivan jonas kaja lars leila',
  'lina marco mila nadir noor olga pavel quinn rosa samir selma tomas uma viktor wanda yara yusuf zoe',
];

/** What runs by itself, what is done by hand, and the letter. */
export function openRoutine(story: Story, planned: Planned, guests: Guests[]) {
  const { call } = story;
  const { appId } = planned;
  const is = (ago: number, day: number) => ago === Math.min(day, story.days);
  let listId: string | undefined;

  return {
    /** What she sets up or does on a day. */
    async day(ago: number): Promise<void> {
      story.at(story.momentOf(ago, '08:50'));
      if (is(ago, LETTER)) listId = await makeList(story, appId);
      if (is(ago, LETTER)) await addReaders(story, listId, 0);
      if (is(ago, 8)) await addReaders(story, listId, 1);
      if (is(ago, RULES)) await makeRules(story, planned);
      await watchRivals(story, appId, ago);
      if (is(ago, BY_HAND)) guests.push(await tellByHand(story, appId));
      if (is(ago, 1)) await prepareByHand(story, appId);
    },
    /** What the rules do with the posts of the last days, at the end of a day. */
    async rules(ago: number, live: readonly LivePost[]): Promise<void> {
      if (ago > RULES || !live.some(({ post }) => post.ago - ago < 3)) return;
      await actOnPosts(story.context);
      await publishDue(story.world);
    },
    /** The next slots, as they stand at the end of the story. */
    async end(): Promise<void> {
      if (story.world.platforms.has('newsletter')) await call.posts.create(letter(appId, planned));
      await fillEmptySlots(story.context);
    },
  };
}

async function makeList({ call }: Story, appId: string): Promise<string> {
  const { id } = await call.mailingLists.create({
    appId,
    name: 'The Driftlog letter',
    fromAddress: 'maya@driftlog.example',
    postalAddress: 'Driftlog, Maya Lind, Beispielweg 7, 10999 Berlin, Germany',
  });
  return id;
}

async function addReaders({ call }: Story, listId: string | undefined, lot: number): Promise<void> {
  if (!listId) return;
  const names = (READERS[lot] ?? '').split(' ');
  await call.subscribers.import({
    listId,
    csv: ['email', ...names.map((name) => `${name}@mail.example`)].join('\n'),
    consent: 'Ticked “Send me a letter once a month” when they signed up for Driftlog.',
  });
}

function letter(appId: string, { campaigns }: Planned) {
  return {
    appId,
    title: 'Letter: v2 is here, and what a year of release notes taught me',
    campaignId: campaigns.launch,
    minutesSpent: 50,
    variants: [
      {
        platform: 'newsletter',
        title: 'v2 is here, and what a year of release notes taught me',
        parts: [
          {
            text: 'Hello,\n\nv2 of Driftlog is out this week. It reads what you merged and writes the note for the person who asked; you change two words and send it.\n\nThree things a year of release notes taught me:\n\n1. Say who it is for in the first sentence.\n2. One change, one note.\n3. Answer every reply.\n\nThe rest, with the numbers: {{link}}\n\nMaya',
          },
        ],
      },
    ],
  };
}

/** One rule is on, one is only written down. */
async function makeRules({ call }: Story, { appId, accountId }: Planned): Promise<void> {
  const { id } = await call.automations.create({
    appId,
    name: 'Tell people of the free project when a post does well',
    accountId,
    rule: {
      kind: 'auto_plug',
      metric: 'impressions',
      atLeast: 20_000,
      withinDays: 3,
      text: 'If you want your own release notes read: the first project is free, with everything in it. {{link}}',
      perDay: 1,
    },
  });
  await call.automations.switch({ automationId: id, on: true });
  await call.automations.create({
    appId,
    name: 'Draft a post from each new guide',
    rule: {
      kind: 'rss_to_draft',
      feedUrl: `${APP_URL}guides/feed.xml`,
      text: 'New guide: {{title}}\n\n{{summary}}\n\n{{link}}',
      platforms: ['sandbox'],
    },
  });
}

/** A post on Indie Hackers, sent by hand, and those who come from it. */
async function tellByHand(story: Story, appId: string): Promise<Guests> {
  const { call } = story;
  const { id: taskId } = await call.assisted.create({
    appId,
    platform: 'indiehackers',
    dueAt: story.context.clock.now().toISOString(),
    title: 'A page nobody wanted to write now brings a third of my signups',
    text: 'In spring a customer asked me how to write release notes that get read. I answered with four pages. I nearly did not publish them, because they are about writing and not about my app.\n\nWhat the page answers, how I found the question, and the numbers by month: {{link}}\n\nWhich question do your customers ask again and again?',
    url: `${APP_URL}guides/release-notes-that-get-read`,
  });
  const { tasks } = await call.assisted.list({ appId });
  const url = tasks.find(({ id }) => id === taskId)?.url;
  story.at(new Date(story.context.clock.now().getTime() + 25 * 60_000));
  await call.assisted.done({ taskId, url: null });
  return {
    link: new URL(url ?? APP_URL).pathname.split('/').at(-1) ?? '',
    referrer: 'https://www.indiehackers.com/',
    from: 'desk',
    signups: 1.5,
    usual: (ago) => 34 * Math.exp((ago - Math.min(BY_HAND, story.days)) / 1.8),
  };
}

/** One is for today, and what the launch day asks for is ready. */
async function prepareByHand(story: Story, appId: string): Promise<void> {
  const { call } = story;
  await call.assisted.create({
    appId,
    platform: 'hackernews',
    dueAt: story.momentOf(0, '15:30').toISOString(),
    title: 'Release notes that get read: what 60 people saw, and did not',
    text: 'I asked 60 people to find what had changed in an app they use every day. 51 could not. The page has the test, the screens and the numbers; I am happy to answer questions.',
    url: `${APP_URL}guides/release-notes-that-get-read`,
  });
  const { plan } = await call.launch.get({ appId });
  for (const step of plan?.steps ?? []) {
    if (step.makes === 'task' && step.daysFromLaunch === 0 && step.state !== 'done')
      await call.launch.prepareStep({ stepId: step.id });
    const isLetter = step.platform === 'newsletter' && step.daysFromLaunch < 0;
    if (isLetter && step.state !== 'done') await call.launch.completeStep({ stepId: step.id });
  }
}
