import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { Person, TestWorld } from '#test/world.ts';

/**
 * An app with a past: rows as the measuring stage keeps them, put in by the owner of the database, so that what is
 * learned from them can be tested without waiting months.
 */
export async function openPast(world: TestWorld, person: Person, url = 'https://outpost.dev') {
  const owner = new pg.Client(world.owner);
  await owner.connect();
  const app = await person.call.apps.register({ url });
  const workspaceId = person.workspaceId;
  const insert = async (table: string, row: Record<string, unknown>) => {
    const columns = Object.keys(row);
    const places = columns.map((_, index) => `$${index + 1}`);
    await owner.query(`insert into ${table} (${columns.join(', ')}) values (${places.join(', ')})`, Object.values(row));
  };
  const accountId = randomUUID();
  return {
    appId: app.id,
    accountId,
    insert: (table: string, row: Record<string, unknown>) => insert(table, { workspace_id: workspaceId, ...row }),
    query: async (text: string, values: unknown[] = []) => (await owner.query(text, values)).rows,
    /** The tracker's first event. */
    tracked: (since: string) =>
      insert('tracking_settings', { workspace_id: workspaceId, app_id: app.id, first_event_at: since }),
    account: (handle = 'outpost') =>
      insert('accounts', {
        workspace_id: workspaceId,
        id: accountId,
        platform: 'sandbox',
        platform_user_id: handle,
        handle,
        name: handle,
        status: 'connected',
      }),
    /** A published post and the visits it brought on the day it went out. */
    async post(at: Date, post: { title: string; kind?: string; link?: string; visits?: number; signups?: number }) {
      const id = randomUUID();
      await insert('posts', {
        workspace_id: workspaceId,
        id,
        app_id: app.id,
        title: post.title,
        kind: post.kind ?? null,
        link_url: post.link ?? null,
        status: 'published',
        source: 'person',
      });
      await insert('publications', {
        workspace_id: workspaceId,
        post_id: id,
        account_id: accountId,
        post_version: 1,
        due_at: at,
        state: 'published',
        scheduled_by: 'test',
        published_at: at,
      });
      if (post.visits !== undefined)
        await insert('traffic_days', {
          workspace_id: workspaceId,
          app_id: app.id,
          day: at.toISOString().slice(0, 10),
          dimension: 'post',
          value: id,
          visits: post.visits,
          signups: post.signups ?? 0,
        });
      return id;
    },
    /** A post that is not out yet. */
    async draft(title: string) {
      const id = randomUUID();
      await insert('posts', {
        workspace_id: workspaceId,
        id,
        app_id: app.id,
        title,
        status: 'draft',
        source: 'person',
      });
      return id;
    },
    visits: (hour: Date, visits: number) =>
      insert('traffic_hours', { workspace_id: workspaceId, app_id: app.id, hour, visits, visitors: visits }),
    async signups(at: Date, count: number) {
      for (let index = 0; index < count; index++)
        await insert('conversions', {
          workspace_id: workspaceId,
          app_id: app.id,
          kind: 'signup',
          occurred_at: at,
          dedupe: randomUUID(),
        });
    },
    close: () => owner.end(),
  };
}

export type Past = Awaited<ReturnType<typeof openPast>>;
