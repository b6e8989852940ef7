import { z } from 'zod';
import { refused } from '#src/outside/failures.ts';
import type { Grant, Keys, Outcome, Profile } from '#src/outside/platform.ts';
import type { Web } from '#src/outside/web.ts';
import { callSlack, SLACK_API } from './call.ts';

const authAnswer = z.object({ team: z.string(), team_id: z.string(), user: z.string(), bot_id: z.string().optional() });
const channelAnswer = z.object({
  channel: z.object({ id: z.string(), name: z.string().optional(), num_members: z.number().optional() }),
});

export function keysOf(web: Web): Keys {
  return {
    fields: [
      {
        name: 'token',
        label: 'Bot token',
        help: 'Make an app at api.slack.com/apps, give it the bot scopes chat:write, channels:read, channels:history, files:write and files:read, install it, and copy the “Bot User OAuth Token”.',
        secret: true,
        example: 'xoxb-123456789012-1234567890123-AbCdEf',
      },
      {
        name: 'channel',
        label: 'Channel id',
        help: 'Open the channel’s details in Slack; the id stands at the end. Invite the app there with /invite.',
        secret: false,
        example: 'C0123456789',
      },
      {
        name: 'server',
        label: 'API address',
        help: 'Only for Slack’s separate installations, such as GovSlack.',
        secret: false,
        example: 'https://slack-gov.com/api',
        optional: true,
      },
    ],
    async open({ token = '', channel = '', server = '' }) {
      const apiUrl = (server || SLACK_API).replace(/\/+$/, '');
      if (!/^[CG][A-Z0-9]{6,}$/.test(channel))
        return refused(
          'bad_channel',
          'This is not the id of a channel. It begins with C or G, such as C0123456789; the name is not enough.',
        );
      const profile = await read(web, { token, apiUrl }, channel);
      if (!profile.ok) return profile;
      return {
        ok: true,
        value: {
          tokens: { access: token, refresh: null, expiresIn: null, scopes: [] },
          profile: profile.value,
          apiUrl,
        },
      };
    },
  };
}

export function profileOf(web: Web) {
  return (grant: Grant) => read(web, grant, channelOf(grant));
}

/** The channel an account stands for. */
export function channelOf(grant: Pick<Grant, 'platformUserId'>): string {
  return grant.platformUserId.split('/')[1] ?? '';
}

async function read(web: Web, grant: Pick<Grant, 'token' | 'apiUrl'>, channel: string): Promise<Outcome<Profile>> {
  const auth = await callSlack(web, grant, 'auth.test', 'read', {}, authAnswer);
  if (!auth.ok) return auth;
  const found = await callSlack(
    web,
    grant,
    'conversations.info',
    'read',
    { channel, include_num_members: true },
    channelAnswer,
  );
  // Posting needs no right to read about the channel; without it, it goes by its id.
  if (!found.ok && found.failure.code !== 'missing_scope') return found;
  const name = found.ok ? (found.value.channel.name ?? channel) : channel;
  return {
    ok: true,
    value: {
      platformUserId: `${auth.value.team_id}/${channel}`,
      handle: name,
      name: `#${name} in ${auth.value.team}`,
      avatarUrl: null,
      followers: found.ok ? (found.value.channel.num_members ?? null) : null,
      following: null,
      posts: null,
      longPosts: false,
    },
  };
}
