import { afterAll, beforeAll, expect, test } from 'vitest';
import { asSystem } from '#src/context.ts';
import { analyse } from '#src/understand/analyse.ts';
import { type Site, startSite } from '#test/site.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

let site: Site;
let world: TestWorld;
let maya: Person;
let appId: string;
let accountId: string;

const home = (price: string, extra = '') =>
  `<html lang="en"><title>Ledgerly</title><main><h1>Bookkeeping for freelancers who hate spreadsheets</h1>
   <p>Ledgerly reads your bank statements so that you never type an invoice twice.</p>${extra}
   <h2>Pricing</h2><div><h3>Solo</h3><p>${price} per month</p></div></main></html>`;

beforeAll(async () => {
  site = await startSite({ '/': home('$9') });
  world = await openTestWorld({ config: { WEB_ALLOW: [site.host] } });
  maya = await world.join();
  appId = (await maya.call.apps.register({ url: site.url, name: 'Ledgerly' })).id;
  await world.drain();
  accountId = (await maya.call.accounts.connectSandbox({ handle: 'maya' })).id;
});
afterAll(async () => {
  await world.close();
  await site.close();
});

const post = (postId: string) => maya.call.posts.get({ postId });
const titles = async () => (await maya.call.notices.list({})).notices.map((notice) => notice.title);
const read = async () => {
  world.clock.forward('1 d');
  await maya.call.analyses.start({ appId });
  await analyse(asSystem(world.world, maya.workspaceId, 'test'), appId);
  await world.drain();
};
/** A scheduled post one number of which rests on a fact. */
async function scheduled(text: string, number: string, factId: string) {
  const { id: postId } = await maya.call.posts.create({ appId, variants: [{ platform: 'x', parts: [{ text }] }] });
  const claim = (await post(postId)).variants[0]!.parts[0]!.claims.find((one) => one.text.includes(number));
  if (claim && claim.fact?.id !== factId) await maya.call.posts.supportClaim({ postId, claimId: claim.id, factId });
  const at = new Date(world.clock.now().getTime() + 20 * 86_400_000).toISOString();
  await maya.call.posts.schedule({ postId, accountIds: [accountId], at });
  await world.drain();
  expect(await post(postId)).toMatchObject({ status: 'scheduled' });
  world.clock.forward('1 h');
  return postId;
}
const teams = async (statement: string, url = 'https://elsewhere.example/') =>
  (
    await maya.call.knowledge.add({
      appId,
      kind: 'key_message',
      statement,
      evidence: { url, quote: statement },
    })
  ).id;

let factId: string;
let postId: string;

test('a person retires a fact: what is scheduled and rests on it goes back to review with the reason', async () => {
  factId = await teams('Trusted by some 900 teams of all sizes');
  postId = await scheduled('Some 917 teams trust Ledgerly by now.', '917', factId);
  await maya.call.knowledge.retire({ factId });
  await world.drain();
  const shown = await post(postId);
  expect(shown).toMatchObject({
    status: 'in_review',
    approvals: [
      {
        decision: 'returned',
        by: null,
        note: 'It rests on “Trusted by some 900 teams of all sizes”, which was retired by Maya Lind.',
      },
      {},
    ],
  });
  expect(shown.publications.map((one) => one.state)).toEqual(['withdrawn']);
  expect(shown.problems.map((one) => one.kind)).toContain('retired_fact');
  expect(await titles()).toContain(`“${shown.title}” went back to review`);
  // An edit beside it does not hide that.
  const { version } = shown;
  const parts = [{ text: 'Some 917 teams trust Ledgerly by now, I hear.' }];
  await maya.call.posts.update({ postId, version, variants: [{ platform: 'x', parts }] });
  expect((await post(postId)).problems.map((one) => one.kind)).toContain('retired_fact');
});

test('restored, the fact brings nothing back by itself; people are told that the post may go out again', async () => {
  world.clock.forward('1 h');
  await maya.call.knowledge.restore({ factId });
  await world.drain();
  const shown = await post(postId);
  expect(shown.status).toBe('in_review');
  expect(shown.publications.map((one) => one.state)).toEqual(['withdrawn']);
  expect(await titles()).toContain(`“${shown.title}” may go out again`);
  expect(await titles()).not.toContain(`“${shown.title}” went back to review`);
  await maya.call.posts.approve({ postId });
  await world.drain();
  expect((await post(postId)).status).not.toBe('in_review');
});

test('a corrected fact names both wordings; drafts and posts that are out are left alone', async () => {
  const fact = await teams('It sets up in about 4 minutes for most people');
  const out = await scheduled('Setting Ledgerly up took me 4.5 minutes flat.', '4.5', fact);
  await maya.call.posts.publishNow({ postId: out, accountIds: [accountId] }).catch(() => undefined);
  const later = await scheduled('A whole quarter was booked in 47 minutes yesterday.', '47', fact);
  const before = await post(out);
  await maya.call.knowledge.correct({ factId: fact, statement: 'It sets up in about 6 minutes' });
  await world.drain();
  expect((await post(later)).approvals[0]?.note).toBe(
    'It rests on “It sets up in about 4 minutes for most people”, which was corrected by Maya Lind to “It sets up in about 6 minutes”.',
  );
  if (before.status === 'published') expect((await post(out)).status).toBe('published');
});

test('a reading that no longer finds a fact takes back what rests on it, and names the page', async () => {
  site.pages.set(
    '/',
    home('$9', '<h2>Fast import</h2><p>Imports 4,000 bookings a minute from any bank file you have.</p>'),
  );
  await read();
  const { groups } = await maya.call.knowledge.list({ appId });
  const fact = groups.flatMap((group) => group.facts).find((one) => one.evidence[0]?.quote.includes('4,000'));
  const resting = await scheduled('Ledgerly reads 4,100 bookings a minute.', '4,100', fact!.id);
  site.pages.set('/', home('$9'));
  await read();
  expect(await post(resting)).toMatchObject({
    status: 'in_review',
    approvals: [{ note: expect.stringMatching(/which no longer stands on http:.*\/\.$/) }, {}],
  });
});

test('a price a person confirmed stays theirs, but what rests on it goes to review when the page says another', async () => {
  const { groups } = await maya.call.knowledge.list({ appId, kind: 'pricing' });
  const solo = groups[0]!.facts.find((fact) => fact.statement.includes('Solo'))!;
  await maya.call.knowledge.confirm({ factId: solo.id });
  const resting = await scheduled('Bookkeeping without spreadsheets, from $9.50 a month.', '9.50', solo.id);
  site.pages.set('/', home('$12'));
  await read();
  expect(await maya.call.knowledge.get({ factId: solo.id })).toMatchObject({
    state: 'confirmed',
    statement: solo.statement,
  });
  expect((await post(resting)).approvals[0]?.note).toMatch(/and the pages now say: “.*12.*”/);
});
