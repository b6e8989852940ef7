import { randomUUID } from 'node:crypto';
import type { House } from '#test/bad-input/house.ts';
import type { Stock } from '#test/bad-input/stock.ts';

/** The workspace of a run, as its owner would use it; `query` speaks to the database, for what only a worker makes. */
export type Bench = {
  stock: Stock;
  ask: <T = { id: string }>(method: string, path: string, json?: unknown) => Promise<T>;
  send: House['send'];
  query(text: string, values?: unknown[]): Promise<unknown>;
};

/** Operations that cannot be run here, and why. It stands in place of their example. */
export const ELSEWHERE: Record<string, string> = {
  'ai.test': 'Asks the model for a few words.',
  'ai.models': 'Asks the provider of the model for its list.',
  'accounts.connectWithKeys': 'Shows the keys to the platform and keeps them only if it takes them.',
  'competitors.read': 'Reads the competitor’s own pages.',
  'webhooks.test': 'Calls the address of the webhook.',
  'setup.resetLink': 'Only the command line on the server’s own machine may do this.',
};

/**
 * What has to happen first, where one thing of every kind is not enough: an alert is muted before it can be heard again.
 * What it returns is added to the input.
 */
export const BEFORE: Record<string, (bench: Bench) => Promise<Record<string, unknown> | undefined>> = {
  'accounts.connect': async ({ ask }) => {
    await ask('PUT', '/accounts/developer-app', { platform: 'x', clientId: 'the-client-id' });
    return { platform: 'x' };
  },
  'ai.cancel': async ({ stock, query }) => {
    await query("update ai_calls set finished_at = null, outcome = 'running' where id = $1", [stock.callId]);
    return undefined;
  },
  'alerts.unmute': async ({ stock, ask }) => {
    await ask('POST', `/alerts/${stock.alertId}/mute`, { until: null });
    return { subject: 'stock' };
  },
  'assisted.noteNumbers': async ({ stock, ask }) => {
    await ask('POST', `/assisted/${stock.taskId}/done`, { url: null });
    return undefined;
  },
  'attribution.credits': async ({ stock }) => ({ postId: stock.postId }),
  'backups.verify': async ({ query }) => {
    const backupId = randomUUID();
    await query(
      "insert into backups (id, path, finished_at, bytes, rows, sha256) values ($1, 'fanfare.backup', now(), 1, 1, $2)",
      [backupId, '0'.repeat(64)],
    );
    return { backupId };
  },
  'campaignFiles.export': async ({ stock }) => ({ campaign: stock.campaignId }),
  'commissions.markPaid': async ({ stock, query }) => {
    await query("update commissions set state = 'earned', earned_at = '2026-01-01' where id = $1", [
      stock.commissionId,
    ]);
    return undefined;
  },
  'experiments.deal': async ({ stock, ask }) => {
    const variants = [{ platform: 'sandbox', parts: [{ text: 'Webhooks wait until you are back.' }] }];
    const { id } = await ask('POST', '/posts', { appId: stock.appId, title: 'A third arm', variants });
    return { postIds: [id] };
  },
  'launch.prepareStep': async ({ stock, ask }) => {
    const { plan } = await ask<{ plan: { steps: { id: string; makes: string | null }[] } }>(
      'GET',
      `/apps/${stock.appId}/launch`,
    );
    return { stepId: plan.steps.find(({ makes }) => makes !== null)?.id };
  },
  'members.leave': async ({ stock, ask }) => {
    await ask('PUT', `/members/${stock.userId}/role`, { role: 'owner' });
    return undefined;
  },
  'paymentSources.backfill': async ({ stock, ask }) => {
    const wanted = { appId: stock.appId, provider: 'stripe', name: 'With a key', apiKey: 'rk_live_of_your_own' };
    return { sourceId: (await ask('POST', '/payment-sources', wanted)).id };
  },
  'posts.submit': reviewed,
  'posts.submitMany': reviewed,
  'publications.decide': ({ stock, query }) => publicationIs(query, stock, 'asking'),
  'publications.retry': ({ stock, query }) => publicationIs(query, stock, 'failed'),
  'publications.settle': async ({ stock, query }) => {
    await publicationIs(query, stock, 'failed');
    const part = [stock.workspaceId, stock.publicationId];
    await query(
      `with part as (
         insert into publication_parts (workspace_id, publication_id, position, text, text_hash)
         values ($1, $2, 0, 'It saves an hour.', 'hash') returning *)
       insert into attempts (workspace_id, publication_part_id, number, phase, sent_at, failure)
       select workspace_id, id, 1, 'unknown', '2026-11-20T10:00:00Z', 'unknown' from part`,
      part,
    );
    return { position: 0, url: null };
  },
  'strategies.decline': async ({ stock, ask }) => ({
    strategyId: (await ask('POST', `/apps/${stock.appId}/strategies`, {})).id,
  }),
  'suggestions.complete': ({ stock, ask }) => accepted(ask, stock, true),
  'suggestions.completeAction': async ({ stock, ask, query }) => {
    await query(
      "insert into suggestion_actions (workspace_id, suggestion_id, position, text) values ($1, $2, 0, 'Ask ten users.')",
      [stock.workspaceId, stock.suggestionId],
    );
    await accepted(ask, stock, false);
    return { position: 0 };
  },
  'suggestions.start': ({ stock, ask }) => accepted(ask, stock, false),
  'templates.import': async ({ stock, ask }) => {
    return { file: JSON.stringify(await ask('GET', `/templates/${stock.templateId}/file`)) };
  },
  'templates.restore': async ({ stock, ask }) => {
    await ask('PATCH', `/templates/${stock.templateId}`, { parts: ['Other words of {{app_name}}'] });
    return { version: 1 };
  },
  'templates.shared': async ({ stock, ask }) => {
    const { url } = await ask<{ url: string }>('POST', `/templates/${stock.templateId}/shares`, {});
    return { token: url.split('/').at(-1) };
  },
  'transfers.preview': ({ send }) => uploaded(send),
  'transfers.start': async ({ stock, send }) => ({ ...(await uploaded(send)), appId: stock.appId }),
  'views.shared': async ({ stock, ask }) => {
    const { url } = await ask<{ url: string }>('POST', `/views/${stock.viewId}/shares`, {});
    return { token: url.split('/').at(-1) };
  },
};

async function reviewed({ ask }: Bench): Promise<undefined> {
  await ask('PATCH', '/workspace', { needsApproval: true });
}

async function publicationIs(query: Bench['query'], stock: Stock, state: string): Promise<undefined> {
  // What recurs waits for the same account: the one that stands for all is the only one here.
  await query('delete from publications where workspace_id = $1 and id <> $2', [
    stock.workspaceId,
    stock.publicationId,
  ]);
  await query('update publications set state = $2 where id = $1', [stock.publicationId, state]);
}

async function accepted(ask: Bench['ask'], { suggestionId }: Stock, started: boolean): Promise<undefined> {
  await ask('POST', `/suggestions/${suggestionId}/accept`, {});
  if (started) await ask('POST', `/suggestions/${suggestionId}/start`, {});
}

async function uploaded(send: Bench['send']): Promise<{ transferId: string }> {
  const body = 'time,event,person\n2026-11-20T10:00:00Z,signup,p1\n';
  const answer = await send('POST', '/transfers/files?name=events.csv', { body });
  return { transferId: ((await answer.json()) as { id: string }).id };
}
