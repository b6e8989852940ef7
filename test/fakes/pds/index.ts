/**
 * No fake: Bluesky's own server (@atproto/pds) on a port of 127.0.0.1, with its data in a temporary folder. Only what
 * stands around it is pretended (`network.ts`). Fails loudly where its native parts do not load.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { envToCfg, envToSecrets, PDS } from '@atproto/pds';
import { z } from 'zod';

export type Account = { did: string; handle: string; token: string; refreshToken: string; appPassword: string };

type Trouble = (response: ServerResponse) => boolean;

/** Starts a server. Without `appViewUrl` it has nobody to ask about the network. Close it when done. */
export async function startPds(options: { directoryUrl: string; appViewUrl: string | null }) {
  const folder = await mkdtemp(join(tmpdir(), 'pds-'));
  let answer: RequestListener = (_, response) => response.writeHead(503).end();
  const trouble: Trouble[] = [];
  const calls: string[] = [];
  const server = createServer((request, response) => {
    calls.push(`${request.method} ${request.url?.split('?', 1)[0]}`);
    const handled = trouble.shift()?.(response) ?? false;
    if (!handled) answer(request, response);
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const jwtSecret = randomBytes(16).toString('hex');
  const env = {
    port,
    hostname: 'localhost',
    devMode: true,
    dataDirectory: folder,
    blobstoreDiskLocation: join(folder, 'blobs'),
    blobstoreDiskTmpLocation: join(folder, 'incoming'),
    // The server fetches from no address that is a bare number.
    didPlcUrl: options.directoryUrl.replace('127.0.0.1', 'localhost'),
    serviceHandleDomains: ['.test'],
    inviteRequired: false,
    jwtSecret,
    adminPassword: 'admin',
    plcRotationKeyK256PrivateKeyHex: randomBytes(32).toString('hex'),
    ...(options.appViewUrl === null ? {} : { bskyAppViewUrl: options.appViewUrl, bskyAppViewDid: 'did:web:view.test' }),
  };
  const pds = await PDS.create(envToCfg(env), envToSecrets(env));
  // `pds.start()` would listen on all addresses of the machine.
  await pds.ctx.sequencer.start();
  answer = pds.app;

  const session = z.object({ did: z.string(), handle: z.string(), accessJwt: z.string(), refreshJwt: z.string() });
  async function call(method: string, body: object, token?: string): Promise<unknown> {
    const headers = { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) };
    const init = { method: 'POST', headers, body: JSON.stringify(body) };
    const got = await fetch(`${url}/xrpc/${method}`, init);
    if (!got.ok) throw new Error(`${method}: ${got.status} ${await got.text()}`);
    const text = await got.text();
    return text === '' ? null : (JSON.parse(text) as unknown);
  }

  return {
    url,
    /** What was asked of the server, in order. */
    calls,
    call,
    /** An account with an app password. */
    async join(handle: string): Promise<Account> {
      const email = `${handle}@example.com`;
      const made = session.parse(
        await call('com.atproto.server.createAccount', { handle, email, password: 'own-password' }),
      );
      const app = await call('com.atproto.server.createAppPassword', { name: 'Fanfare' }, made.accessJwt);
      const { password } = z.object({ password: z.string() }).parse(app);
      const { did, accessJwt, refreshJwt } = made;
      return { did, handle, token: accessJwt, refreshToken: refreshJwt, appPassword: password };
    },
    /** An access token of this account that ended a minute ago. */
    expiredToken(did: string): string {
      const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
      const now = Math.floor(Date.now() / 1000);
      const claims = {
        scope: 'com.atproto.access',
        aud: 'did:web:localhost',
        sub: did,
        iat: now - 7_200,
        exp: now - 60,
      };
      const signed = `${part({ typ: 'at+jwt', alg: 'HS256' })}.${part(claims)}`;
      return `${signed}.${createHmac('sha256', jwtSecret).update(signed).digest('base64url')}`;
    },
    /** The next request gets this answer and goes no further; the one after `skip` others. */
    answerWith(status: number, headers: Record<string, string> = {}, skip = 0): void {
      for (let n = 0; n < skip; n += 1) trouble.push(() => false);
      trouble.push((response) => {
        response.writeHead(status, headers).end();
        return true;
      });
    },
    /** The request after `skip` others is carried out, and its answer lost. */
    loseAnswer(skip = 0): void {
      for (let n = 0; n < skip; n += 1) trouble.push(() => false);
      trouble.push((response) => {
        const end = response.end.bind(response);
        response.write = () => true;
        response.end = () => {
          response.socket?.destroy();
          return end();
        };
        return false;
      });
    },
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      await pds.destroy();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
