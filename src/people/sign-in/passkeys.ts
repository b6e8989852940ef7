import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import type { BetterAuthPlugin } from 'better-auth';
import { APIError, createAuthEndpoint, sensitiveSessionMiddleware } from 'better-auth/api';
import { setSessionCookie } from 'better-auth/cookies';
import { z } from 'zod';
import { shared, type World } from '#src/context.ts';
import { isStorable } from '#src/operation.ts';
import { keepTicket, redeemTicket } from './tickets.ts';

/** How long a person has for the fingerprint or the PIN. */
const PATIENCE_S = 300;
const MOST = 20;
/** EdDSA, ES256 and RS256 (COSE): every authenticator has one of them. */
const ALGORITHMS = [-8, -7, -257];

/** The library, when the first passkey is asked for: most servers start without. */
const webauthn = () => import('@simplewebauthn/server');

const text = z.string().max(20_000);
const answered = { id: text, rawId: text, type: z.literal('public-key'), authenticatorAttachment: text.optional() };
const extensions = z.record(z.string().max(100), z.unknown()).default({});
const attested = z.object({
  ...answered,
  response: z.object({
    clientDataJSON: text,
    attestationObject: text,
    transports: z.array(z.string().max(40)).max(10).optional(),
  }),
  clientExtensionResults: extensions,
});
const asserted = z.object({
  ...answered,
  response: z.object({
    clientDataJSON: text,
    authenticatorData: text,
    signature: text,
    userHandle: text.optional(),
  }),
  clientExtensionResults: extensions,
});
const name = z.string().trim().min(1).max(60).refine(isStorable);

/**
 * Passkeys (WebAuthn level 2), with `@simplewebauthn/server`. Each asks for the fingerprint, face or PIN of its owner, so
 * one is two factors by itself. Signing in names nobody beforehand: the key says whose it is, so nobody can ask who has
 * one. Adding one asks for the password: a stolen session must not become a way in that lasts.
 */
export function passkeys(world: World, origins: string[]) {
  const rpID = relyingParty(world.publicUrl);
  const notTaken = () =>
    new APIError('UNAUTHORIZED', {
      message: 'This passkey was not accepted. Try again, or sign in with your password.',
    });
  return {
    id: 'passkeys',
    endpoints: {
      passkeyAddOptions: createAuthEndpoint(
        '/passkey/add-options',
        { method: 'POST', use: [sensitiveSessionMiddleware], body: z.object({ password: z.string().max(200) }) },
        async (request) => {
          const { user } = request.context.session;
          await request.context.password.checkPassword(user.id, request);
          const own = await passkeysOf(world, user.id);
          if (own.length >= MOST)
            throw new APIError('CONFLICT', { message: `You have ${MOST} passkeys. Remove one that you do not use.` });
          const options = await (await webauthn()).generateRegistrationOptions({
            rpName: 'Fanfare',
            rpID,
            userName: user.email,
            userDisplayName: user.name,
            userID: new TextEncoder().encode(user.id),
            attestationType: 'none',
            supportedAlgorithmIDs: ALGORITHMS,
            timeout: PATIENCE_S * 1000,
            excludeCredentials: own.map(({ credentialId }) => ({ id: credentialId })),
            authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
          });
          await keepChallenge(`passkey to add ${options.challenge}`, user.id);
          return request.json(options);
        },
      ),
      passkeyAdd: createAuthEndpoint(
        '/passkey/add',
        { method: 'POST', use: [sensitiveSessionMiddleware], body: z.object({ name, response: attested }) },
        async (request) => {
          const { user } = request.context.session;
          const { response } = request.body;
          const verified = await (await webauthn())
            .verifyRegistrationResponse({
              response: response as RegistrationResponseJSON,
              expectedChallenge: async (challenge) =>
                (await redeemTicket(world, `passkey to add ${challenge}`)) === user.id,
              expectedOrigin: origins,
              expectedRPID: rpID,
              requireUserVerification: true,
              supportedAlgorithmIDs: ALGORITHMS,
            })
            .catch(() => null);
          if (!verified?.verified)
            throw new APIError('BAD_REQUEST', { message: 'This passkey was not accepted. Begin anew.' });
          const { credential, credentialDeviceType, credentialBackedUp, aaguid } = verified.registrationInfo;
          const row = await shared(world, (tx) =>
            tx
              .insertInto('passkeys')
              .values({
                userId: user.id,
                name: request.body.name,
                publicKey: Buffer.from(credential.publicKey).toString('base64url'),
                credentialId: credential.id,
                counter: credential.counter,
                deviceType: credentialDeviceType,
                backedUp: credentialBackedUp,
                transports: credential.transports?.join(',') ?? null,
                aaguid,
              })
              .onConflict((oc) => oc.column('credentialId').doNothing())
              .returning('id')
              .executeTakeFirst(),
          );
          if (!row) throw new APIError('CONFLICT', { message: 'This passkey is here already.' });
          return request.json({ id: row.id });
        },
      ),
      passkeySignInOptions: createAuthEndpoint('/passkey/sign-in-options', { method: 'POST' }, async (request) => {
        const options = await (await webauthn()).generateAuthenticationOptions({
          rpID,
          userVerification: 'required',
          timeout: PATIENCE_S * 1000,
        });
        // Redeemed by the browser that asked, and by no other.
        const cookie = request.context.createAuthCookie('passkey', { maxAge: PATIENCE_S });
        await request.setSignedCookie(cookie.name, options.challenge, request.context.secret, cookie.attributes);
        await keepChallenge(`passkey to sign in ${options.challenge}`, 'anybody');
        return request.json(options);
      }),
      passkeySignIn: createAuthEndpoint(
        '/passkey/sign-in',
        { method: 'POST', body: z.object({ response: asserted }) },
        async (request) => {
          const { response } = request.body;
          const cookie = request.context.createAuthCookie('passkey', { maxAge: 0 });
          const asked = await request.getSignedCookie(cookie.name, request.context.secret);
          request.setCookie(cookie.name, '', cookie.attributes);
          const key = await shared(world, (tx) =>
            tx.selectFrom('passkeys').selectAll().where('credentialId', '=', response.id).executeTakeFirst(),
          );
          if (!asked || !key) {
            if (asked) await redeemTicket(world, `passkey to sign in ${asked}`);
            throw notTaken();
          }
          const counter = Number(key.counter);
          const verified = await (await webauthn())
            .verifyAuthenticationResponse({
              response: response as AuthenticationResponseJSON,
              expectedChallenge: async (challenge) =>
                challenge === asked && (await redeemTicket(world, `passkey to sign in ${challenge}`)) !== null,
              expectedOrigin: origins,
              expectedRPID: rpID,
              requireUserVerification: true,
              credential: { id: key.credentialId, publicKey: Buffer.from(key.publicKey, 'base64url'), counter },
            })
            .catch(() => null);
          if (!verified?.verified) throw notTaken();
          const { numUpdatedRows } = await shared(world, (tx) =>
            tx
              .updateTable('passkeys')
              .set({ counter: verified.authenticationInfo.newCounter, lastUsedAt: new Date() })
              .where('id', '=', key.id)
              .where('counter', '=', key.counter)
              .executeTakeFirstOrThrow(),
          );
          const user = await request.context.internalAdapter.findUserById(key.userId);
          if (numUpdatedRows === 0n || !user) throw notTaken();
          const session = await request.context.internalAdapter.createSession(user.id);
          await setSessionCookie(request, { session, user });
          return request.json({ user: { id: user.id } });
        },
      ),
    },
  } satisfies BetterAuthPlugin;

  function keepChallenge(ticket: string, value: string): Promise<void> {
    return keepTicket(world, ticket, value, new Date(Date.now() + PATIENCE_S * 1000));
  }
}

/** A passkey belongs to a name, never to an address: this machine's own is called localhost. */
function relyingParty(publicUrl: string): string {
  const { hostname } = new URL(publicUrl);
  return ['127.0.0.1', '[::1]'].includes(hostname) ? 'localhost' : hostname;
}

function passkeysOf(world: World, userId: string) {
  return shared(world, (tx) => tx.selectFrom('passkeys').select('credentialId').where('userId', '=', userId).execute());
}
