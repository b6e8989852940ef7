import { join } from 'node:path';
import { finishConnection } from '#src/distribute/accounts.ts';
import type { Platform } from '#src/outside/platform.ts';
import { platforms } from '#src/outside/platforms/index.ts';
import type { FakeX } from '#test/fakes/x/index.ts';
import type { Person, TestWorld } from '#test/world.ts';

/** Where a fake X is, in this process or another. */
export type XAt = Pick<FakeX, 'url' | 'app'>;

/** The settings with which a test world finds the fake X. */
export function configFor(x: XAt): { X_API_URL: string; X_AUTHORIZE_URL: string } {
  return { X_API_URL: x.url, X_AUTHORIZE_URL: x.app.authorizeUrl };
}

/** Puts the fake X where a world that is open already looks for X; only there it may be called. */
export function putXAt({ world, data }: Pick<TestWorld, 'world' | 'data'>, x: XAt): void {
  Object.assign(world.config, configFor(x));
  const allow = [new URL(x.url).host];
  const adapter = platforms({ sandboxFolder: join(data, 'sandbox'), web: world.web, allow }).get('x');
  (world.platforms as Map<string, Platform>).set('x', adapter!);
}

/** Goes to the fake's page of consent and comes back with what stands in the callback's address. */
export async function consent(person: Person, returnTo = '/settings/accounts') {
  const { url } = await person.call.accounts.connect({ platform: 'x', returnTo });
  const answer = await fetch(url, { redirect: 'manual' });
  const callback = new URL(answer.headers.get('location') ?? '');
  const query = Object.fromEntries(callback.searchParams) as { state: string; code?: string; error?: string };
  return { platform: 'x', userId: person.userId, ...query };
}

/** Connects the account that is signed in at the fake X, by the whole dance. Returns its id. */
export async function connectX(world: Pick<TestWorld, 'world'>, person: Person, x: XAt): Promise<string> {
  await person.call.accounts.setDeveloperApp({
    platform: 'x',
    clientId: x.app.clientId,
    clientSecret: x.app.clientSecret,
  });
  const connected = await finishConnection(world.world, await consent(person));
  if ('problem' in connected) throw new Error(connected.message);
  return connected.accountId;
}

/** A draft with these parts for X, of an app made for it. */
export async function draft(person: Person, texts: string[], more: { firstReply?: string; linkUrl?: string } = {}) {
  const { apps } = await person.call.apps.list({});
  const appId = apps[0]?.id ?? (await person.call.apps.register({ url: 'outpost.dev' })).id;
  const { firstReply, ...settings } = more;
  const post = await person.call.posts.create({
    appId,
    ...settings,
    variants: [{ platform: 'x', parts: texts.map((text) => ({ text })), ...(firstReply ? { firstReply } : {}) }],
  });
  return post.id;
}
