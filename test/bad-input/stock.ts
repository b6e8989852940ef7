import { randomUUID } from 'node:crypto';
import { hashToken } from '#src/secrets.ts';
import type { House } from './house.ts';
import { keyOf } from './house.ts';

/** Ids by the name of the field that takes them. */
export type Stock = Record<string, string>;

/**
 * One thing of every kind in a workspace, made with the operations where there is one. What only the worker makes
 * (findings, notices) is put in by the owner of the database.
 */
export async function stockUp(house: House, who: 'maya' | { key: string }, workspaceId: string): Promise<Stock> {
  const make = async (method: string, path: string, input: unknown, field = 'id') =>
    (await house.asked<Record<string, string>>(method, path, input, who))[field] ?? '';
  const put = async (table: string, row: Record<string, unknown>) => {
    const whole = { workspace_id: workspaceId, id: randomUUID(), ...row };
    const places = Object.keys(whole).map((_, index) => `$${index + 1}`);
    const text = `insert into ${table} (${Object.keys(whole).join(', ')}) values (${places.join(', ')})`;
    await house.query(text, Object.values(whole));
    return whole.id as string;
  };
  const one = async (text: string) =>
    (await house.query<{ id: string }>(`${text} and workspace_id = '${workspaceId}' limit 1`))[0]?.id ?? '';

  const name = `Stock ${workspaceId.slice(0, 8)}`;
  const appId = await make('POST', '/apps', { url: `stock-${workspaceId.slice(0, 8)}.dev` });
  const analysisId = await make('POST', `/apps/${appId}/analyses`, {}, 'analysisId');
  const audienceId = await make('POST', `/apps/${appId}/audiences`, { name });
  const competitorId = await make('POST', `/apps/${appId}/competitors`, { name });
  const featureId = await make('POST', `/apps/${appId}/features`, { name });
  const factId = await make('POST', `/apps/${appId}/facts`, { kind: 'benefit', statement: 'It saves an hour a day.' });
  const keywordId = await make('POST', `/apps/${appId}/keywords`, { phrase: 'saving time', intent: 'informational' });
  const strategyId = await make('POST', `/apps/${appId}/strategies`, {});
  await house.asked('POST', `/strategies/${strategyId}/approve`, {}, who);
  const campaignId = await make('POST', '/campaigns', { appId, name, objective: 'awareness' });
  const channelId = await make('POST', '/channels', { appId, name, kind: 'social' });
  const templateId = await make('POST', '/templates', {
    name,
    kind: 'milestone',
    platform: 'sandbox',
    parts: ['A text of {{app_name}}'],
  });
  await house.asked('POST', `/apps/${appId}/launch`, { launchOn: '2027-03-01' }, who);
  const accountId = await make('POST', '/accounts/sandbox', { handle: `s${workspaceId.slice(0, 8)}` });
  const variants = [{ platform: 'sandbox', parts: [{ text: 'It saves an hour a day, every day.' }] }];
  const postId = await make('POST', '/posts', { appId, title: name, variants });
  const others = [{ platform: 'sandbox', parts: [{ text: 'Webhooks wait until your server is back.' }] }];
  const scheduled = await make('POST', '/posts', { appId, title: 'Scheduled', variants: others });
  await house.asked('POST', `/posts/${scheduled}/approve`, {}, who);
  await house.asked(
    'POST',
    `/posts/${scheduled}/schedule`,
    { accountIds: [accountId], at: '2027-01-04T10:00:00Z', evenIfSimilar: true },
    who,
  );
  await house.asked('POST', '/events', { appId, events: [{ kind: 'signup', person: 'p1' }] }, who);
  await house.asked('POST', '/slots', { accountId, weekdays: [1], atTime: '10:30', timeZone: 'UTC' }, who);
  const partId = await one("select p.id from parts p where text like 'It saves%'");
  const pageId = await put('pages', {
    app_id: appId,
    url: `https://stock-${workspaceId.slice(0, 8)}.dev/`,
    kind: 'home',
  });
  const said = { rule: 'title', severity: 'fix', message: 'No title.', fix: 'Add one.' };
  const findingId = await put('page_findings', { page_id: pageId, ...said });
  const finding = { app_id: appId, dedupe: 'stock' };
  const listId = await make('POST', '/mailing-lists', {
    appId,
    name,
    fromAddress: 'news@example.com',
    postalAddress: '1 Main Street, Oslo',
  });
  const again = { accountIds: [accountId], weekdays: [1], atTime: '10:30', evenIfSimilar: true };
  const recurrenceId = await make('POST', `/posts/${scheduled}/recur`, again, 'recurrenceId');
  const contactId = await put('contacts', { platform: 'sandbox', platform_user_id: '1', handle: 'ada' });
  const view = { name, page: 'analytics', settings: { appId, range: '7d' } };
  const hooked = { url: 'https://hooks.example.com/notes', activities: ['post.approved'] };
  const webhookId = await make('POST', '/webhooks', hooked);
  const userId = randomUUID();
  await house.query('insert into users (id, name, email) values ($1, $2, $3)', [userId, name, `${userId}@example.com`]);
  await house.query("insert into memberships (workspace_id, user_id, role) values ($1, $2, 'editor')", [
    workspaceId,
    userId,
  ]);
  /** Of whoever asks: what a person has belongs to no workspace. */
  const [asking] = await house.query<{ user_id: string }>(
    "select user_id from memberships where workspace_id = $1 and role = 'owner'",
    [workspaceId],
  );
  const putOfPerson = async (table: string, row: Record<string, unknown>) => {
    const whole = { id: randomUUID(), user_id: asking!.user_id, ...row };
    const places = Object.keys(whole).map((_, index) => `$${index + 1}`);
    await house.query(
      `insert into ${table} (${Object.keys(whole).join(', ')}) values (${places.join(', ')})`,
      Object.values(whole),
    );
    return whole.id;
  };
  const viewId = await make('POST', '/views', view, 'viewId');
  const recordedId = await put('payment_sources', { app_id: appId, provider: 'api', name });
  const affiliateId = await make('POST', `/apps/${appId}/affiliates`, {
    name,
    code: `a${workspaceId.slice(0, 8)}`,
    rule: { percent: 20 },
  });
  return {
    workspaceId,
    userId,
    invitationId: await put('invitations', {
      token_hash: hashToken(workspaceId),
      email: `${userId}@example.org`,
      role: 'viewer',
      expires_at: '2100-01-01T00:00:00Z',
    }),
    sessionId: await putOfPerson('sessions', {
      token: hashToken(`session of ${workspaceId}`),
      expires_at: '2100-01-01T00:00:00Z',
    }),
    passkeyId: await putOfPerson('passkeys', {
      public_key: 'stock',
      credential_id: `stock ${workspaceId}`,
      counter: 0,
      device_type: 'singleDevice',
      backed_up: false,
    }),
    appId,
    affiliateId,
    automationId: await make('POST', '/automations', {
      appId,
      name,
      rule: { kind: 'auto_archive', afterDays: 7, metric: 'impressions', below: 5 },
    }),
    commissionId: await put('commissions', {
      affiliate_id: affiliateId,
      app_id: appId,
      amount_minor: 100,
      currency: 'EUR',
      state: 'flagged',
    }),
    recurrenceId,
    analysisId,
    audienceId,
    competitorId,
    featureId,
    factId,
    pageId,
    findingId,
    keywordId,
    contactId,
    callId: await put('ai_calls', {
      purpose: 'test',
      prompt_version: '1@0',
      provider: 'openai-compatible',
      model: 'stock',
      milliseconds: 1,
      outcome: 'answered',
      finished_at: '2026-11-20T10:00:00Z',
    }),
    itemId: await put('inbox_items', {
      account_id: accountId,
      contact_id: contactId,
      kind: 'mention',
      platform_id: '1',
      text: name,
      received_at: '2026-11-20T10:00:00Z',
    }),
    strategyId,
    withId: strategyId,
    remove: await one(`select id from strategy_items where strategy_id = '${strategyId}'`),
    campaignId,
    channelId,
    templateId,
    accountId,
    postId,
    publicationId: await one('select id from publications where true'),
    slotId: await one('select id from slots where true'),
    stepId: await one('select id from launch_steps where true'),
    launchStepId: await one('select id from launch_steps where true'),
    conversionId: await one('select id from conversions where true'),
    customerId: await put('customers', { app_id: appId, person: `payer ${name}` }),
    paymentId: await put('payments', {
      app_id: appId,
      payment_source_id: recordedId,
      provider_id: 'stock',
      amount_minor: 100,
      currency: 'EUR',
      paid_at: '2026-11-20T10:00:00Z',
      described_at: '2026-11-20T10:00:00Z',
    }),
    claimId: await put('claims', { part_id: partId, starts_at: 0, ends_at: 8, text: 'It saves' }),
    assetId: await put('assets', {
      kind: 'image',
      file: 'x',
      media_type: 'image/png',
      bytes: 1,
      sha256: randomUUID(),
    }),
    themeId: await put('content_themes', { app_id: appId, name }),
    insightId: await put('insights', { ...finding, detector: 'stock', subject: 'x', sentence: name }),
    suggestionId: await put('suggestions', {
      ...finding,
      category: 'content',
      title: name,
      reasoning: 'Because.',
      priority: 'low',
      effort: 1,
      impact: 1,
      source: 'built_in',
    }),
    alertId: await put('alerts', {
      ...finding,
      title: name,
      body: name,
      severity: 'info',
      subject: 'stock',
      cause: name,
      since: '2026-11-20T10:00:00Z',
    }),
    noticeId: await put('notices', { kind: 'stock', title: name }),
    costId: await make('POST', '/costs', {
      appId,
      day: '2026-11-01',
      kind: 'ads',
      amount: { minor: '100', currency: 'EUR' },
    }),
    goalId: await make('POST', '/goals', { appId, name, eventKind: 'signup' }),
    linkId: await make('POST', '/links', { appId, destination: `https://stock-${workspaceId.slice(0, 8)}.dev/` }),
    ruleId: await make('POST', '/alert-rules', {
      appId,
      kind: 'threshold',
      name,
      metric: 'visits',
      comparison: 'above',
      value: 5,
    }),
    listId,
    subscriberId: await put('subscribers', { mailing_list_id: listId, email: 'stock@example.com' }),
    webhookId,
    deliveryId: await put('webhook_deliveries', { webhook_id: webhookId, state: 'failed' }),
    targetId: await make('POST', '/alert-targets', { kind: 'webhook', address: 'https://hooks.example.com/stock' }),
    taskId: await make('POST', '/assisted', { appId, platform: 'reddit', dueAt: '2027-01-04T10:00:00Z', title: name }),
    experimentId: await make('POST', '/experiments', {
      appId,
      name,
      kind: 'hook',
      metric: 'visits',
      arms: [
        { arm: 'A', postIds: [postId] },
        { arm: 'B', postIds: [scheduled] },
      ],
    }),
    reportId: await make('POST', '/reports', { appId, kind: 'weekly' }),
    noteId: await make('POST', '/annotations', { appId, day: '2026-11-20', title: name }, 'noteId'),
    funnelId: await make(
      'POST',
      '/funnels',
      { appId, name, steps: ['/', '/pricing'].map((path) => ({ kind: 'page', path })) },
      'funnelId',
    ),
    viewId,
    transferId: await put('transfers', { direction: 'export', format: 'ndjson', state: 'done' }),
    shareId: await make('POST', `/views/${viewId}/shares`, {}, 'shareId'),
    ...(await onlyOwners(house, who, appId)),
  };
}

/** What no key may make: the rival's come through the door that tests use. */
async function onlyOwners(house: House, who: 'maya' | { key: string }, appId: string): Promise<Stock> {
  if (who !== 'maya')
    return {
      keyId: (await house.rival.call.keys.list({})).keys[0]?.id ?? '',
      sourceId: (await house.rival.call.paymentSources.create({ appId, provider: 'stripe' })).id,
    };
  const { id: keyId } = await house.asked<{ id: string }>('POST', '/keys', { name: 'A key', scopes: ['read'] });
  const { id: sourceId } = await house.asked<{ id: string }>('POST', '/payment-sources', { appId, provider: 'stripe' });
  return { keyId, sourceId };
}

/** Both workspaces stocked alike: what is Maya's own, and what is the rival's. */
export async function stockBoth(house: House): Promise<{ own: Stock; foreign: Stock }> {
  const { id } = await house.asked<{ id: string }>('GET', '/workspace');
  const key = await keyOf(house.rival, ['read', 'write', 'destructive', 'events']);
  return {
    own: await stockUp(house, 'maya', id),
    foreign: await stockUp(house, { key }, house.rival.workspaceId),
  };
}
