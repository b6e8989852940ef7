/** Connecting with an app password, and staying connected (com.atproto.server.createSession and refreshSession). */
import { isNoAnswer } from '#src/outside/http.ts';
import type { Keys, Outcome, Profile, Tokens } from '#src/outside/platform.ts';
import type { Web } from '#src/outside/web.ts';
import { failureOf, signInFailure, unreadable } from './errors.ts';
import { profile } from './reading.ts';
import { procedure, sessionAnswer } from './wire.ts';

const DEFAULT_SERVER = 'https://bsky.social';

/** What a person enters. */
export const fields: Keys['fields'] = [
  {
    name: 'handle',
    label: 'Handle',
    help: 'Your name on Bluesky, without the @.',
    secret: false,
    example: 'maya.bsky.social',
  },
  {
    name: 'appPassword',
    label: 'App password',
    help: 'Make one in Bluesky under Settings, Privacy and security, App passwords. Never enter your own password.',
    secret: true,
    example: 'abcd-efgh-ijkl-mnop',
  },
  {
    name: 'server',
    label: 'Server',
    help: 'Leave it empty unless your account lives on a server of its own.',
    secret: false,
    example: 'bsky.social',
    optional: true,
  },
];

/** Signs in with a handle and an app password, and says whose they are. */
export async function open(
  web: Web,
  values: Record<string, string>,
): Promise<Outcome<{ tokens: Tokens; profile: Profile; apiUrl: string }>> {
  const apiUrl = serverOf(values.server ?? '');
  if (!apiUrl) {
    const reason = 'The server is not a web address. Enter it like bsky.social.';
    return { ok: false, failure: { kind: 'refused', code: 'bad_server', reason } };
  }
  const identifier = handleOf(values.handle ?? '', apiUrl);
  const answer = await procedure(web, { token: null, apiUrl }, 'com.atproto.server.createSession', {
    identifier,
    password: values.appPassword ?? '',
  });
  if (isNoAnswer(answer) || answer.status !== 200) return { ok: false, failure: signInFailure(answer) };
  const session = sessionAnswer.safeParse(answer.json());
  if (!session.success) return { ok: false, failure: unreadable('read', answer) };
  const { accessJwt: token, did: platformUserId, active = true } = session.data;
  if (!active) {
    const reason = 'This account is deactivated. Activate it in Bluesky, then connect it again.';
    return { ok: false, failure: { kind: 'refused', code: 'deactivated', reason } };
  }
  const known = await profile(web, { token, platformUserId, apiUrl });
  if (!known.ok) return known;
  return { ok: true, value: { tokens: tokensOf(session.data), profile: known.value, apiUrl } };
}

/**
 * Changes the refresh token for a new pair. A PDS takes the old one for a while longer (two hours in 0.5.35), so that a
 * lost answer does not end the grant.
 */
export async function refresh(web: Web, stale: { refreshToken: string; apiUrl: string }): Promise<Outcome<Tokens>> {
  const server = { token: stale.refreshToken, apiUrl: stale.apiUrl };
  const answer = await procedure(web, server, 'com.atproto.server.refreshSession', null);
  if (isNoAnswer(answer) || answer.status !== 200) return { ok: false, failure: failureOf('session', answer) };
  const session = sessionAnswer.safeParse(answer.json());
  if (!session.success) return { ok: false, failure: unreadable('session', answer) };
  return { ok: true, value: tokensOf(session.data) };
}

function tokensOf(session: { accessJwt: string; refreshJwt: string }): Tokens {
  return {
    access: session.accessJwt,
    refresh: session.refreshJwt,
    expiresIn: lifeOf(session.accessJwt),
    scopes: [],
  };
}

/** Seconds from issue to end as the token says them; null when it does not. Its signature is for the server to check. */
function lifeOf(jwt: string): number | null {
  try {
    const claims: unknown = JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString());
    if (typeof claims !== 'object' || claims === null || !('exp' in claims) || !('iat' in claims)) return null;
    const life = Number(claims.exp) - Number(claims.iat);
    return life > 0 ? life : null;
  } catch {
    return null;
  }
}

/** The origin of the server a person means; null when it is no address. */
function serverOf(typed: string): string | null {
  if (typed === '') return DEFAULT_SERVER;
  const spelled = /^[a-z][a-z0-9+.-]*:\/\//i.test(typed) ? typed : `https://${typed}`;
  return URL.canParse(spelled) && /^https?:/i.test(spelled) ? new URL(spelled).origin : null;
}

/** "@Maya" on bsky.social is maya.bsky.social. An e-mail address is good as it is. */
function handleOf(typed: string, apiUrl: string): string {
  const handle = typed.replace(/^@/, '').toLowerCase();
  return apiUrl === DEFAULT_SERVER && !/[.@:]/.test(handle) ? `${handle}.bsky.social` : handle;
}
