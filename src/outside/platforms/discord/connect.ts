import { z } from 'zod';
import { refused } from '#src/outside/failures.ts';
import { isNoAnswer, saidBy, secretsOf } from '#src/outside/http.ts';
import type { Grant, Keys, Outcome, Profile } from '#src/outside/platform.ts';
import type { Web } from '#src/outside/web.ts';
import { failureOf, unreadable } from './errors.ts';

const snowflake = z.string().regex(/^\d{1,20}$/);
const webhookAnswer = z.object({
  id: snowflake,
  name: z.string().nullish(),
  channel_id: snowflake.nullish(),
  guild_id: snowflake.nullish(),
  avatar: z.string().nullish(),
});

/** The address of a webhook as Discord shows it; any host, since there are compatible servers. */
const ADDRESS = /^https?:\/\/[^/?#\s]+\/api\/(?:v\d+\/)?webhooks\/\d+\/[\w-]+$/;

export function keysOf(web: Web): Keys {
  return {
    fields: [
      {
        name: 'webhook',
        label: 'Webhook address',
        help: 'In Discord: the channel’s settings, Integrations, Webhooks, New webhook, Copy webhook URL.',
        secret: true,
        example: 'https://discord.com/api/webhooks/1234567890/abcdef',
      },
    ],
    async open({ webhook = '' }) {
      const address = webhook.split(/[?#]/, 1)[0] ?? '';
      if (!ADDRESS.test(address))
        return refused(
          'bad_address',
          'This is not the address of a Discord webhook. It looks like https://discord.com/api/webhooks/1234567890/abcdef.',
        );
      const apiUrl = new URL(address).origin;
      const profile = await read(web, address);
      if (!profile.ok) return profile;
      return {
        ok: true,
        value: {
          tokens: { access: address, refresh: null, expiresIn: null, scopes: [] },
          profile: profile.value,
          apiUrl,
        },
      };
    },
  };
}

export function profileOf(web: Web) {
  return (grant: Grant) => read(web, grant.token);
}

/** Asks the webhook who it is; this needs no more than its address. */
async function read(web: Web, address: string): Promise<Outcome<Profile>> {
  const answer = await web.call({ method: 'GET', url: address });
  if (isNoAnswer(answer) || answer.status !== 200)
    return { ok: false, failure: failureOf('read', answer), said: saidBy(answer, secretsOf(address)) };
  const parsed = webhookAnswer.safeParse(answer.json());
  if (!parsed.success) return { ok: false, failure: unreadable('read', answer) };
  const { id, name, channel_id, guild_id, avatar } = parsed.data;
  return {
    ok: true,
    value: {
      // A message's address needs the server's id, which the answer to a post does not name.
      platformUserId: `${guild_id ?? '@me'}/${id}`,
      handle: name ?? channel_id ?? id,
      name: name ?? 'Discord webhook',
      avatarUrl: avatar ? `https://cdn.discordapp.com/avatars/${id}/${avatar}.png` : null,
      followers: null,
      following: null,
      posts: null,
      longPosts: false,
    },
  };
}
