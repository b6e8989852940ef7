import { z } from 'zod';
import { refused } from '#src/outside/failures.ts';
import type { Grant, Keys, Outcome, Profile } from '#src/outside/platform.ts';
import type { Web } from '#src/outside/web.ts';
import { callTelegram, TELEGRAM_API } from './call.ts';

const me = z.object({ id: z.number(), username: z.string().optional() });
const chat = z.object({
  id: z.number(),
  type: z.enum(['private', 'group', 'supergroup', 'channel']),
  title: z.string().optional(),
  username: z.string().optional(),
});
const member = z.object({ status: z.string(), can_post_messages: z.boolean().optional() });

export function keysOf(web: Web): Keys {
  return {
    fields: [
      {
        name: 'token',
        label: 'Bot token',
        help: 'Write /newbot to @BotFather in Telegram; the token is in its answer.',
        secret: true,
        example: '123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11',
      },
      {
        name: 'chat',
        label: 'Channel or group',
        help: 'The @name of a public channel or group, or the id of a private one. Make the bot an administrator there.',
        secret: false,
        example: '@mychannel',
      },
      {
        name: 'server',
        label: 'API address',
        help: 'Only if you run Telegram’s Bot API server yourself.',
        secret: false,
        example: 'https://telegram.example.com',
        optional: true,
      },
    ],
    async open({ token = '', chat: name = '', server = '' }) {
      const apiUrl = (server || TELEGRAM_API).replace(/\/+$/, '');
      if (!/^\d+:[\w-]{10,}$/.test(token))
        return refused(
          'bad_token',
          'This is not a bot token. It looks like 123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11.',
        );
      if (!/^(@\w{4,64}|-?\d{1,19})$/.test(name))
        return refused('bad_chat', 'Enter the @name of a channel or group, or its id, such as -1001234567890.');
      const profile = await read(web, { token, apiUrl }, name);
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
  return (grant: Grant) => read(web, grant, grant.platformUserId);
}

async function read(web: Web, grant: Pick<Grant, 'token' | 'apiUrl'>, name: string): Promise<Outcome<Profile>> {
  const bot = await callTelegram(web, grant, 'getMe', 'read', {}, me);
  if (!bot.ok) return bot;
  const found = await callTelegram(web, grant, 'getChat', 'read', { chat_id: name }, chat);
  if (!found.ok) return found;
  const { id, type, title, username } = found.value;
  if (type === 'channel') {
    const input = { chat_id: id, user_id: bot.value.id };
    const seat = await callTelegram(web, grant, 'getChatMember', 'read', input, member);
    if (!seat.ok) return seat;
    if (seat.value.status !== 'administrator' || seat.value.can_post_messages === false)
      return refused(
        'not_administrator',
        `Make @${bot.value.username ?? 'the bot'} an administrator of the channel who may post messages.`,
      );
  }
  const members = await callTelegram(web, grant, 'getChatMemberCount', 'read', { chat_id: id }, z.number());
  return {
    ok: true,
    value: {
      platformUserId: String(id),
      handle: username ?? title ?? String(id),
      name: title ?? username ?? String(id),
      avatarUrl: null,
      followers: members.ok ? members.value : null,
      following: null,
      posts: null,
      longPosts: false,
    },
  };
}
