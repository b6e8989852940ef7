import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { finishConnection } from '#src/distribute/accounts.ts';
import { publishDue } from '#src/distribute/publications.ts';
import { addAsset } from '#src/understand/assets.ts';
import { configFor, connectX } from '#test/connected.ts';
import { type FakeMastodon, startFakeMastodon } from '#test/fakes/mastodon/index.ts';
import { startPds } from '#test/fakes/pds/index.ts';
import { startDirectory } from '#test/fakes/pds/network.ts';
import { type FakeX, startFakeX } from '#test/fakes/x/index.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

let x: FakeX;
let mastodon: FakeMastodon;
let directory: Awaited<ReturnType<typeof startDirectory>>;
let pds: Awaited<ReturnType<typeof startPds>>;
let world: TestWorld;
let maya: Person;

beforeAll(async () => {
  [x, mastodon, directory] = await Promise.all([startFakeX(), startFakeMastodon(), startDirectory()]);
  pds = await startPds({ directoryUrl: directory.url, appViewUrl: null });
  const WEB_ALLOW = [mastodon.url, pds.url].map((url) => new URL(url).host);
  world = await openTestWorld({ config: { ...configFor(x), WEB_ALLOW } });
  maya = await world.join();
}, 30_000);
afterAll(async () => {
  await world?.close();
  await pds?.close();
  await Promise.all([directory?.close(), mastodon?.close(), x?.close()]);
});

async function connectMastodon(): Promise<string> {
  const { url } = await maya.call.accounts.connect({ platform: 'mastodon', server: mastodon.url });
  const answer = await fetch(url, { redirect: 'manual' });
  const query = Object.fromEntries(new URL(answer.headers.get('location') ?? '').searchParams);
  const connected = await finishConnection(world.world, {
    platform: 'mastodon',
    userId: maya.userId,
    ...(query as { state: string; code: string }),
  });
  if ('problem' in connected) throw new Error(connected.message);
  return connected.accountId;
}

async function connectBluesky(): Promise<string> {
  const { handle, appPassword } = await pds.join('maya.test');
  const keys = { handle, appPassword, server: pds.url };
  return (await maya.call.accounts.connectWithKeys({ platform: 'bluesky', keys })).id;
}

async function aPicture(appId: string): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), 'picture-')), 'one');
  await sharp({ create: { width: 120, height: 90, channels: 3, background: '#5b5bd6' } })
    .png()
    .toFile(path);
  const { id } = await addAsset(maya.context, { path, appId, kind: 'screenshot', altText: 'The new calendar' });
  await rm(join(path, '..'), { recursive: true });
  return id;
}

const records = z.object({
  records: z.array(
    z.object({
      uri: z.string(),
      value: z.object({
        text: z.string(),
        reply: z.object({ parent: z.object({ uri: z.string() }) }).optional(),
        embed: z.object({ images: z.array(z.object({ alt: z.string() })) }).optional(),
      }),
    }),
  ),
});

test('one post goes out everywhere: a thread with a picture, each platform in its own way, each link its own', async () => {
  const appId = (await maya.call.apps.register({ url: 'outpost.dev' })).id;
  const accountIds = [await connectX(world, maya, x), await connectMastodon(), await connectBluesky()];
  const assetId = await aPicture(appId);
  const thread = {
    parts: [{ text: 'Drag a post to another day.', media: [{ assetId }] }, { text: 'Try it: {{link}}' }],
    firstReply: 'Questions? Ask here.',
  };
  const poll = { minutes: 60, options: ['Week', 'Month'] };
  const { id: postId } = await maya.call.posts.create({
    appId,
    linkUrl: 'https://outpost.dev/calendar',
    variants: [
      { platform: 'x', ...thread },
      { platform: 'mastodon', parts: [{ text: 'Which view do you plan in?', poll }] },
    ],
  });
  await maya.call.posts.publishNow({ postId, accountIds });
  // A lost answer at Bluesky is sent again under the same key: one record.
  pds.loseAnswer(1);
  for (let round = 0; round < 6; round++) {
    await publishDue(world.world);
    world.clock.forward('20 s');
  }

  const { publications } = await maya.call.publications.list({ postId });
  expect(publications.map((one) => [one.account.platform, one.state, one.partsOut]).sort()).toEqual([
    ['bluesky', 'published', 3],
    ['mastodon', 'published', 1],
    ['x', 'published', 3],
  ]);

  const onX = x.posts('maker');
  expect(onX.map((post) => post.replyTo)).toEqual([null, onX[0]?.id, onX[1]?.id]);
  expect(x.media().map((media) => media.altText)).toEqual(['The new calendar']);
  expect(mastodon.state.statuses).toMatchObject([
    { text: 'Which view do you plan in?', poll: { options: ['Week', 'Month'], expires_in: 3600 } },
  ]);

  const did = publications.find((one) => one.account.platform === 'bluesky');
  const list = await fetch(
    `${pds.url}/xrpc/com.atproto.repo.listRecords?repo=maya.test&collection=app.bsky.feed.post&reverse=true`,
  );
  const found = records.parse(await list.json()).records;
  expect(did?.url).toContain('bsky.app');
  const [root, second, reply] = thread.parts
    .map((part) => part.text.slice(0, 6))
    .concat('Questions')
    .map((beginning) => found.find((record) => record.value.text.startsWith(beginning)));
  expect(found).toHaveLength(3);
  expect(root?.value.embed?.images).toMatchObject([{ alt: 'The new calendar' }]);
  expect(second?.value.reply?.parent.uri).toBe(root?.uri);
  expect(reply?.value.reply?.parent.uri).toBe(second?.uri);

  const links = [onX[1]?.text, second?.value.text].map((text) => /\/l\/(\w+)/.exec(text ?? '')?.[1]);
  expect(new Set(links).size).toBe(2);
});

test('the receipt says what was asked of each platform and what it answered, and never a secret', async () => {
  const { publications } = await maya.call.publications.list({});
  for (const { id, account } of publications) {
    const { texts } = await maya.call.publications.get({ publicationId: id });
    const attempt = texts[0]?.attempts.at(-1);
    expect(attempt?.request, account.platform).toMatchObject({ text: texts[0]?.text });
    expect(attempt?.answer, account.platform).toMatch(/^HTTP 20[01]/);
    expect(JSON.stringify(texts)).not.toMatch(/bearer|secret|token/i);
  }
});
