import { record } from '#src/activity.ts';
import { type Context, type Inside, transaction, userOf } from '#src/context.ts';
import { requestBackfill } from '#src/measure/revenue/backfill.ts';
import { API } from '#src/measure/revenue/recorded.ts';
import { apiSource } from '#src/measure/revenue/recording.ts';
import { audit } from '#src/people/audit.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { randomToken } from '#src/secrets.ts';
import { appOf } from '#src/understand/apps.ts';

export const sourceProviders = ['stripe', 'lemon_squeezy', 'paddle', 'polar', 'revenuecat', API] as const;

type NewSource = {
  appId: string;
  provider: (typeof sourceProviders)[number];
  name?: string | undefined;
  signingSecret?: string | undefined;
  apiKey?: string | undefined;
};

/** The address the provider sends its webhooks to. Nobody can guess it. */
export function webhookUrl(context: { publicUrl: string }, path: string): string {
  return `${context.publicUrl}/hooks/${path}`;
}

/**
 * Connects a payment provider's account. The provider shows the signing secret only once it knows our address, so it
 * may be given later; until then webhooks are turned away and the provider tries again.
 */
export async function createSource(
  context: Context,
  wanted: NewSource,
): Promise<{ id: string; webhookUrl: string; eventTypes: string[] }> {
  if (wanted.provider === API) return createRecorded(context, wanted);
  const provider = context.payments.get(wanted.provider);
  if (!provider) throw refuse('invalid', 'unknown_provider', `"${wanted.provider}" is not a provider we know.`);
  return transaction(context, async (inside) => {
    await appOf(inside, wanted.appId);
    const { id: sourceId } = await inside.tx
      .insertInto('paymentSources')
      .values({
        workspaceId: inside.workspaceId,
        appId: wanted.appId,
        provider: wanted.provider,
        name: wanted.name ?? provider.name,
        createdBy: userOf(inside),
        createdAt: inside.clock.now(),
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    const path = randomToken(24);
    await inside.tx
      .insertInto('paymentSourcePaths')
      .values({ path, workspaceId: inside.workspaceId, paymentSourceId: sourceId })
      .execute();
    if (wanted.signingSecret) await keepSecret(inside, sourceId, wanted.signingSecret);
    if (wanted.apiKey) await keepApiKey(inside, { id: sourceId, provider: wanted.provider }, wanted.apiKey);
    await audit(inside, {
      operation: 'paymentSources.create',
      subject: sourceId,
      after: { provider: wanted.provider },
    });
    await record(inside, 'payment_source.connected', { subjectId: sourceId, detail: { appId: wanted.appId } });
    return { id: sourceId, webhookUrl: webhookUrl(inside, path), eventTypes: [...provider.eventTypes] };
  });
}

/** Money that the app records itself: no webhook, its address is the API's. */
async function createRecorded(context: Context, wanted: NewSource) {
  if (wanted.signingSecret !== undefined || wanted.apiKey !== undefined)
    throw refuse('invalid', 'no_provider', 'What the app records itself needs an API key of Fanfare, nothing else.');
  return transaction(context, async (inside) => {
    await appOf(inside, wanted.appId);
    const sourceId = await apiSource(inside, wanted.appId);
    if (wanted.name !== undefined) await renameSource(inside, sourceId, wanted.name);
    await audit(inside, { operation: 'paymentSources.create', subject: sourceId, after: { provider: API } });
    await record(inside, 'payment_source.connected', { subjectId: sourceId, detail: { appId: wanted.appId } });
    return { id: sourceId, webhookUrl: recordingUrl(inside), eventTypes: [] };
  });
}

/** Where an app records its own payments. */
export function recordingUrl(context: { publicUrl: string }): string {
  return `${context.publicUrl}/api/v1/payments`;
}

export async function renameSource({ tx }: Inside, sourceId: string, name: string): Promise<void> {
  await tx.updateTable('paymentSources').set({ name }).where('id', '=', sourceId).execute();
}

/** Seals the secret by which the provider's webhooks are verified. */
export async function keepSecret(inside: Inside, sourceId: string, secret: string): Promise<void> {
  await inside.tx
    .updateTable('paymentSources')
    .set({ sealedWebhookSecret: inside.secrets.seal(placeOf(sourceId, 'sealed_webhook_secret'), secret) })
    .where('id', '=', sourceId)
    .execute();
}

/** Seals the key for the provider's API and asks for its history. Refuses where the provider has no such API. */
export async function keepApiKey(
  inside: Inside,
  source: { id: string; provider: string },
  apiKey: string,
): Promise<void> {
  const provider = inside.payments.get(source.provider);
  if (!provider?.backfill)
    throw refuse('invalid', 'no_history', 'This provider has no API that tells what was paid. It needs no API key.');
  await inside.tx
    .updateTable('paymentSources')
    .set({ sealedApiKey: inside.secrets.seal(placeOf(source.id, 'sealed_api_key'), apiKey) })
    .where('id', '=', source.id)
    .execute();
  await requestBackfill(inside, source.id);
}

/** The signing secret of a source, opened; null while it was not given. */
export function openSecret(inside: Inside, source: { id: string; sealedWebhookSecret: string | null }): string | null {
  return source.sealedWebhookSecret === null
    ? null
    : inside.secrets.open(placeOf(source.id, 'sealed_webhook_secret'), source.sealedWebhookSecret);
}

function placeOf(row: string, column: 'sealed_webhook_secret' | 'sealed_api_key') {
  return { table: 'payment_sources', row, column };
}

/** The key for the provider's API, opened; null while it was not given. */
export function openApiKey(inside: Inside, source: { id: string; sealedApiKey: string | null }): string | null {
  return source.sealedApiKey === null
    ? null
    : inside.secrets.open(placeOf(source.id, 'sealed_api_key'), source.sealedApiKey);
}

/** A source that was not removed. */
export async function activeSource({ tx }: Inside, sourceId: string): Promise<{ id: string; provider: string }> {
  const row = await tx
    .selectFrom('paymentSources')
    .select(['id', 'provider'])
    .where('id', '=', sourceId)
    .where('removedAt', 'is', null)
    .executeTakeFirst();
  if (!row) throw notFound('payment source');
  return row;
}
