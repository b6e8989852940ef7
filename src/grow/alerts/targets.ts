import { randomUUID } from 'node:crypto';
import { type Context, type Inside, transaction, userOf } from '#src/context.ts';
import { newSigningSecret } from '#src/outside/hooks.ts';
import type { Profile } from '#src/outside/platform.ts';
import { normaliseUrl } from '#src/outside/web.ts';
import { audit } from '#src/people/audit.ts';
import { mailboxOf } from '#src/people/mail.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { randomToken } from '#src/secrets.ts';
import { sendTo, type Way } from './send.ts';
import { putIntoState } from './target-state.ts';

export const targetKinds = ['app', 'email', 'slack', 'discord', 'telegram', 'webhook'] as const;
export type TargetKind = (typeof targetKinds)[number];

/** What a person fills in; which of it a kind needs is checked here, with words. */
export type TargetInput =
  | { kind: 'app' }
  | { kind: 'email'; address: string }
  | {
      kind: 'slack';
      address?: string | undefined;
      token?: string | undefined;
      channel?: string | undefined;
      server?: string | undefined;
    }
  | { kind: 'discord'; address: string }
  | { kind: 'telegram'; token: string; chat: string; server?: string | undefined }
  | { kind: 'webhook'; address: string };

const slackHook = /^https?:\/\/[^/?#\s]+\/services\/[\w-]+\/[\w-]+\/[\w-]+$/;

/**
 * Adds a place where alerts go. Bots and Discord webhooks are asked who they are first. The secret of a webhook of one's
 * own is made here and told this once. What is secret is sealed and never shown again.
 */
export async function createAlertTarget(
  context: Context,
  input: TargetInput,
): Promise<{ id: string; secret: string | null }> {
  if (context.demo && input.kind !== 'app')
    throw refuse('conflict', 'demo', 'The demo sends nothing to the outside. Start Fanfare itself to add this.');
  const { address, way } = await openWay(context, input);
  return transaction(context, async (inside) => {
    if (input.kind === 'email' && !(await mailboxOf(inside)))
      throw refuse('conflict', 'no_mail_server', 'Set the mail server in the settings first; alerts go out by it.');
    const known = await inside.tx
      .selectFrom('alertTargets')
      .select('id')
      .where('kind', '=', input.kind)
      .where('address', '=', address)
      .executeTakeFirst();
    if (known && input.kind !== 'webhook' && input.kind !== 'slack')
      throw refuse('conflict', 'target_exists', `Alerts go to ${address} already.`);
    const id = randomUUID();
    const sealed = way.by === 'app' ? null : inside.secrets.seal(placeOf(id), JSON.stringify(way));
    await inside.tx
      .insertInto('alertTargets')
      .values({
        workspaceId: inside.workspaceId,
        id,
        kind: input.kind,
        address,
        sealedSecret: sealed,
        createdBy: userOf(inside),
        createdAt: inside.clock.now(),
      })
      .execute();
    await audit(inside, { operation: 'alertTargets.create', subject: id, after: { kind: input.kind, address } });
    return { id, secret: way.by === 'webhook' ? way.secret : null };
  });
}

/** Sends a test now, whatever the hour and the budget. One that arrives switches a target on again. */
export async function testAlertTarget(context: Context, targetId: string): Promise<{ sent: boolean; message: string }> {
  const target = await transaction(context, (inside) => readTarget(inside, targetId));
  if (target.kind === 'app')
    return { sent: true, message: 'Alerts in the app need no test: they stand behind the bell.' };
  if (context.demo)
    throw refuse('conflict', 'demo', 'The demo sends nothing to the outside. Start Fanfare itself to try this.');
  const { timeZone } = await transaction(context, ({ tx, workspaceId }) =>
    tx.selectFrom('workspaces').select('timeZone').where('id', '=', workspaceId).executeTakeFirstOrThrow(),
  );
  const outcome = await sendTo(
    context,
    target.way,
    { kind: 'test', alerts: [], publicUrl: context.publicUrl, timeZone },
    `test_${randomToken(12)}`,
  );
  await transaction(context, async (inside) => {
    await putIntoState(inside, targetId, outcome);
    await audit(inside, { operation: 'alertTargets.test', subject: targetId });
  });
  if (outcome.ok) return { sent: true, message: `It was taken. Look at ${target.address}.` };
  return { sent: false, message: outcome.failure.reason };
}

/** Removes a target with what still waited for it. */
export function removeAlertTarget(context: Context, targetId: string): Promise<void> {
  return transaction(context, async (inside) => {
    const row = await inside.tx
      .deleteFrom('alertTargets')
      .where('id', '=', targetId)
      .returning(['kind', 'address'])
      .executeTakeFirst();
    if (!row) throw notFound('place for alerts');
    await audit(inside, { operation: 'alertTargets.remove', subject: targetId, before: row });
  });
}

/** A target with its opened way, for sending. */
export async function readTarget(
  inside: Inside,
  targetId: string,
): Promise<{ kind: TargetKind; address: string; way: Way }> {
  const row = await inside.tx
    .selectFrom('alertTargets')
    .select(['kind', 'address', 'sealedSecret'])
    .where('id', '=', targetId)
    .executeTakeFirst();
  if (!row) throw notFound('place for alerts');
  const way: Way =
    row.sealedSecret === null
      ? { by: 'app' }
      : (JSON.parse(inside.secrets.open(placeOf(targetId), row.sealedSecret)) as Way);
  return { kind: row.kind, address: row.address, way };
}

async function openWay(context: Context, input: TargetInput): Promise<{ address: string; way: Way }> {
  switch (input.kind) {
    case 'app':
      return { address: 'Everyone here', way: { by: 'app' } };
    case 'email':
      return { address: input.address, way: { by: 'email', to: input.address } };
    case 'webhook': {
      const url = urlOf(context, input.address);
      return {
        address: url.host,
        way: {
          by: 'webhook',
          address: url.href,
          secret: newSigningSecret(),
        },
      };
    }
    case 'discord':
      return openByPlatform(context, 'discord', { webhook: input.address });
    case 'telegram':
      return openByPlatform(context, 'telegram', { token: input.token, chat: input.chat, server: input.server ?? '' });
    case 'slack': {
      if (input.token !== undefined)
        return openByPlatform(context, 'slack', {
          token: input.token,
          channel: input.channel ?? '',
          server: input.server ?? '',
        });
      if (input.address === undefined || !slackHook.test(input.address))
        throw refuse(
          'invalid',
          'slack',
          'Enter the address of an incoming webhook (https://hooks.slack.com/services/…), or a bot token with a channel id.',
        );
      const url = urlOf(context, input.address);
      return { address: `Webhook at ${url.host}`, way: { by: 'slackHook', address: url.href } };
    }
  }
}

async function openByPlatform(
  context: Context,
  kind: 'slack' | 'discord' | 'telegram',
  values: Record<string, string>,
) {
  const keys = context.platforms.get(kind)?.keys;
  if (!keys) throw refuse('unavailable', 'no_platform', `${kind} is not available here.`);
  const opened = await keys.open(values);
  if (!opened.ok) throw refuse('invalid', opened.failure.code ?? kind, opened.failure.reason);
  const { tokens, profile, apiUrl } = opened.value;
  const grant = { token: tokens.access, platformUserId: profile.platformUserId, apiUrl };
  return { address: nameOf(profile), way: { by: 'platform' as const, platform: kind, grant } };
}

function nameOf({ name, handle }: Profile): string {
  return name || handle;
}

function urlOf(context: Context, text: string): URL {
  const url = normaliseUrl(text, context.config.WEB_ALLOW);
  if ('code' in url) throw refuse('invalid', url.code, url.message);
  return url;
}

function placeOf(id: string) {
  return { table: 'alert_targets', row: id, column: 'sealed_secret' };
}
