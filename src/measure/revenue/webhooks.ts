import { record } from '#src/activity.ts';
import { asSystem, shared, transaction, type World } from '#src/context.ts';
import { TEST_ONLY } from '#src/measure/revenue/backfill.ts';
import { openSecret } from '#src/measure/revenue/sources.ts';
import { type Refusal, refuse } from '#src/refusal.ts';

/**
 * Takes in a provider's webhook: verified, then stored raw in one transaction with the activity that has it processed.
 * The same event again is welcome and changes nothing. Throws a Refusal, with nothing stored, for an unknown address,
 * a bad signature, an old timestamp or a body that is no event.
 */
export async function receiveWebhook(
  world: World,
  path: string,
  headers: Headers,
  body: Uint8Array,
): Promise<{ duplicate: boolean }> {
  const place = await shared(world, (tx) =>
    tx
      .selectFrom('paymentSourcePaths')
      .select(['workspaceId', 'paymentSourceId'])
      .where('path', '=', path)
      .executeTakeFirst(),
  );
  if (!place) throw unknownPath();
  const context = asSystem(world, place.workspaceId, 'webhook');
  const { provider, secret } = await transaction(context, async (inside) => {
    const source = await inside.tx
      .selectFrom('paymentSources')
      .select(['id', 'provider', 'sealedWebhookSecret'])
      .where('id', '=', place.paymentSourceId)
      .where('removedAt', 'is', null)
      .executeTakeFirst();
    const found = source && inside.payments.get(source.provider);
    if (!source || !found) throw unknownPath();
    return { provider: found, secret: openSecret(inside, source) };
  });
  if (secret === null)
    throw refuse(
      'conflict',
      'no_signing_secret',
      `This address waits for its signing secret. Copy it from ${provider.name} into the settings of this payment source.`,
    );
  const verified = await provider.verify({ body, headers, secret, now: world.clock.now() });
  if (!verified.ok) throw refuse('invalid', verified.reason, verified.message);
  return transaction(context, async (inside) => {
    const now = inside.clock.now();
    const test = provider.mixesTest && !verified.livemode;
    const stored = await inside.tx
      .insertInto('paymentEvents')
      .values({
        workspaceId: inside.workspaceId,
        paymentSourceId: place.paymentSourceId,
        providerEventId: verified.eventId,
        kind: verified.type,
        body: new TextDecoder().decode(body),
        occurredAt: verified.occurredAt,
        receivedAt: now,
        ...(test ? { processedAt: now, outcome: 'ignored' as const, message: TEST_ONLY } : {}),
      })
      .onConflict((oc) => oc.columns(['workspaceId', 'paymentSourceId', 'providerEventId']).doNothing())
      .returning('id')
      .executeTakeFirst();
    if (!stored) return { duplicate: true };
    await inside.tx
      .updateTable('paymentSources')
      .set({ lastEventAt: now })
      .where('id', '=', place.paymentSourceId)
      .execute();
    if (!test) await record(inside, 'payment.received', { subjectId: stored.id, detail: { kind: verified.type } });
    return { duplicate: false };
  });
}

function unknownPath(): Refusal {
  return refuse('not_found', 'unknown_address', 'No payment source has this webhook address.');
}
