/**
 * A real OAuth 2.0 server (`oidc-provider`) at the addresses of X, with refresh tokens that rotate and end the whole
 * grant when one is used twice. Beside it the two calls of X's API that connecting and publishing need, for tokens that
 * the server says are good. Not a fake of our making: where X's behaviour is only told, this one follows the standards.
 */
import { generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Provider } from 'oidc-provider';

export type OAuthServer = {
  url: string;
  app: { clientId: string; clientSecret: string; authorizeUrl: string; apiUrl: string };
  /** Answers of the token endpoint, in order: `refresh_token 200`. */
  answers: string[];
  /** Grants that were ended: by a refresh token that was used twice, or by the person. */
  ended: string[];
  /** Posts, with the token each was made with. */
  posts: { text: string; token: string }[];
  /** How the next calls of the token endpoint go wrong: not done and answered 500, done or not and the line cut. */
  fail(...how: ('error' | 'cut before' | 'cut after')[]): void;
  /** Called when the token endpoint has given new tokens out and not answered yet. */
  onTokens(run: () => Promise<void> | void): void;
  /** Takes the access away, as the person would on the platform. */
  revokeAll(): Promise<void>;
  close(): Promise<void>;
};

const SCOPES = ['tweet.read', 'tweet.write', 'users.read', 'media.write', 'offline.access'];
const CLIENT = { clientId: 'fanfare-test', clientSecret: 'a-secret-of-the-test' };
const TOKEN = '/2/oauth2/token';

export async function startOAuthServer(redirectUri: string): Promise<OAuthServer> {
  const answers: string[] = [];
  const ended: string[] = [];
  const posts: OAuthServer['posts'] = [];
  let failures: Parameters<OAuthServer['fail']> = [];
  let onTokens: () => Promise<void> | void = () => undefined;
  const grants = new Set<string>();

  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(url, {
    clients: [
      {
        client_id: CLIENT.clientId,
        client_secret: CLIENT.clientSecret,
        redirect_uris: [redirectUri],
        grant_types: ['authorization_code', 'refresh_token'],
      },
    ],
    routes: { token: TOKEN, authorization: '/i/oauth2/authorize' },
    scopes: SCOPES,
    rotateRefreshToken: true,
    issueRefreshToken: (_context, client, code) =>
      client.grantTypeAllowed('refresh_token') && code.scopes.has('offline.access'),
    ttl: { AccessToken: 7200, RefreshToken: 180 * 86_400, Interaction: 600, Grant: 180 * 86_400, Session: 600 },
    jwks: { keys: [generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' })] },
    findAccount: (_context, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context, interaction) => `/consent/${interaction.uid}` },
    cookies: { keys: ['test'] },
  });
  provider.on('grant.revoked', (_context, grantId) => ended.push(grantId));
  provider.use(async (context, next) => {
    if (context.path !== TOKEN) return next();
    const failure = failures.shift();
    if (failure === 'error') {
      context.status = 500;
      return;
    }
    if (failure === 'cut before') return cut(context);
    await next();
    answers.push(`${context.oidc.params?.grant_type} ${context.status}`);
    if (context.status === 200) await onTokens();
    if (failure === 'cut after') cut(context);
  });
  const handle = provider.callback();

  return {
    url,
    app: { ...CLIENT, apiUrl: url, authorizeUrl: `${url}/i/oauth2/authorize` },
    answers,
    ended,
    posts,
    fail: (...how) => {
      failures = how;
    },
    onTokens: (run) => {
      onTokens = run;
    },
    async revokeAll() {
      for (const grantId of grants) {
        await provider.RefreshToken.revokeByGrantId(grantId);
        await provider.AccessToken.revokeByGrantId(grantId);
      }
    },
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '', url).pathname;
    if (path.startsWith('/consent/')) return agree(request, response);
    if (path === '/2/users/me' || path === '/2/tweets') return api(path, request, response);
    await handle(request, response);
  }

  /** The person is signed in and agrees. */
  async function agree(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { params } = await provider.interactionDetails(request, response);
    const grant = new provider.Grant({ accountId: 'maker', clientId: String(params.client_id) });
    grant.addOIDCScope(String(params.scope));
    const grantId = await grant.save();
    grants.add(grantId);
    await provider.interactionFinished(request, response, { login: { accountId: 'maker' }, consent: { grantId } });
  }

  async function api(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const token = (request.headers.authorization ?? '').replace('Bearer ', '');
    const known = await provider.AccessToken.find(token);
    if (!known) return end(response, 401, { title: 'Unauthorized', detail: 'Unauthorized', type: 'about:blank' });
    if (path === '/2/users/me') return end(response, 200, { data: { id: '1000001', username: 'maker', name: 'Mia' } });
    const post = JSON.parse(await text(request)) as { text: string };
    posts.push({ text: post.text, token });
    end(response, 201, { data: { id: String(2_000_000_000_000_000_000n + BigInt(posts.length)), text: post.text } });
  }
}

function cut(context: { req: IncomingMessage; respond?: boolean | undefined }): void {
  context.respond = false;
  context.req.socket.destroy();
}

function end(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
