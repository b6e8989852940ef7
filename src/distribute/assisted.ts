import { z } from 'zod';
import { record } from '#src/activity.ts';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { done, id, instant, operation } from '#src/operation.ts';
import { audit } from '#src/people/audit.ts';
import { notify } from '#src/people/notices.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { appOf } from '#src/understand/apps.ts';

type Words = { title: string; text: string; url: string };

/**
 * Pages on which a person posts by hand, filled in as far as the service lets us; as seen in November 2026. Where a
 * service takes no prefilled text the page opens empty and the text is copied.
 */
export const composePages: Record<string, { name: string; compose(words: Words): string; fillsText: boolean }> = {
  x: {
    name: 'X',
    compose: ({ text }) => withQuery('https://x.com/intent/post', { text }),
    fillsText: true,
  },
  bluesky: {
    name: 'Bluesky',
    compose: ({ text }) => withQuery('https://bsky.app/intent/compose', { text }),
    fillsText: true,
  },
  threads: {
    name: 'Threads',
    compose: ({ text }) => withQuery('https://www.threads.net/intent/post', { text }),
    fillsText: true,
  },
  linkedin: {
    name: 'LinkedIn',
    compose: ({ text }) => withQuery('https://www.linkedin.com/feed/', { shareActive: 'true', text }),
    fillsText: true,
  },
  reddit: {
    name: 'Reddit',
    compose: ({ title, text }) => withQuery('https://www.reddit.com/submit', { type: 'TEXT', title, text }),
    fillsText: true,
  },
  hackernews: {
    name: 'Hacker News',
    compose: ({ title, url }) => withQuery('https://news.ycombinator.com/submitlink', { u: url, t: title }),
    fillsText: false,
  },
  producthunt: {
    name: 'Product Hunt',
    compose: () => 'https://www.producthunt.com/posts/new',
    fillsText: false,
  },
  indiehackers: {
    name: 'Indie Hackers',
    compose: () => 'https://www.indiehackers.com/new-post',
    fillsText: false,
  },
};

export type NewTask = {
  appId: string;
  platform: string;
  dueAt: Date;
  title: string;
  text?: string | undefined;
  url?: string | undefined;
  postId?: string | undefined;
  launchStepId?: string | undefined;
};

/** Notes a post that a person sends by hand at a moment, with the page on which it is done. */
export async function createTask(context: Context, wanted: NewTask): Promise<{ id: string; composeUrl: string }> {
  const page = Object.hasOwn(composePages, wanted.platform) ? composePages[wanted.platform] : undefined;
  if (!page)
    throw refuse(
      'invalid',
      'platform_unknown',
      `There is no page for "${wanted.platform}". Choose one of: ${Object.keys(composePages).join(', ')}.`,
    );
  return transaction(context, async (inside) => {
    const app = await appOf(inside, wanted.appId);
    await assertOwn(inside, wanted);
    const composeUrl = page.compose({ title: wanted.title, text: wanted.text ?? '', url: wanted.url ?? app.url });
    const row = await inside.tx
      .insertInto('assistedTasks')
      .values({
        workspaceId: inside.workspaceId,
        appId: app.id,
        postId: wanted.postId ?? null,
        launchStepId: wanted.launchStepId ?? null,
        platform: wanted.platform,
        dueAt: wanted.dueAt,
        composeUrl,
        text: wanted.text ?? wanted.title,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    await record(inside, 'assisted.created', { subjectId: row.id });
    return { id: row.id, composeUrl };
  });
}

/** Every hour: tells of the tasks that are due. Each is told once. */
export async function remindOfTasks(context: Context): Promise<void> {
  await transaction(context, async (inside) => {
    const due = await inside.tx
      .updateTable('assistedTasks')
      .set({ state: 'notified' })
      .where('state', '=', 'waiting')
      .where('dueAt', '<=', inside.clock.now())
      .returning(['id', 'platform', 'composeUrl'])
      .execute();
    for (const task of due)
      await notify(inside, {
        kind: 'assisted_due',
        title: `Time to post on ${composePages[task.platform]?.name ?? task.platform}`,
        body: 'The text is ready: open the page, send it, and paste its address here.',
        path: '/calendar',
        dedupe: `assisted:${task.id}`,
      });
  });
}

const one = z.strictObject({ taskId: id });

export const assistedOperations = {
  platforms: operation({
    summary: 'List the platforms on which one posts by hand with a prepared page.',
    route: 'GET /assisted/platforms',
    access: 'read',
    input: z.strictObject({}),
    output: z.object({ platforms: z.array(z.object({ id: z.string(), name: z.string(), fillsText: z.boolean() })) }),
    run: async () => ({
      platforms: Object.entries(composePages).map(([key, { name, fillsText }]) => ({ id: key, name, fillsText })),
    }),
  }),
  list: operation({
    summary: 'List posts to be sent by hand, soonest first.',
    route: 'GET /assisted',
    access: 'read',
    input: z.strictObject({ appId: id.optional(), open: z.stringbool().or(z.boolean()).default(true) }),
    output: z.object({
      tasks: z.array(
        z.object({
          id,
          app: z.object({ id, name: z.string() }),
          post: z.object({ id, title: z.string() }).nullable(),
          platform: z.string(),
          platformName: z.string(),
          dueAt: z.date(),
          composeUrl: z.string(),
          text: z.string(),
          state: z.enum(['waiting', 'notified', 'done', 'skipped']),
          foundUrl: z.string().nullable(),
          doneAt: z.date().nullable(),
        }),
      ),
    }),
    run: (context, input) =>
      transaction(context, async ({ tx }) => {
        const rows = await tx
          .selectFrom('assistedTasks')
          .innerJoin('apps', 'apps.id', 'assistedTasks.appId')
          .leftJoin('posts', 'posts.id', 'assistedTasks.postId')
          .selectAll('assistedTasks')
          .select(['apps.name as appName', 'posts.title'])
          .$if(input.appId !== undefined, (query) => query.where('assistedTasks.appId', '=', input.appId ?? ''))
          .$if(input.open, (query) => query.where('state', 'in', ['waiting', 'notified']))
          .orderBy('dueAt')
          .limit(500)
          .execute();
        return {
          tasks: rows.map((row) => ({
            ...row,
            app: { id: row.appId, name: row.appName },
            post: row.postId && row.title ? { id: row.postId, title: row.title } : null,
            platformName: composePages[row.platform]?.name ?? row.platform,
          })),
        };
      }),
  }),
  create: operation({
    summary: 'Prepare a post to be sent by hand.',
    route: 'POST /assisted',
    access: 'write',
    input: z.strictObject({
      appId: id,
      platform: z.string().max(40),
      dueAt: instant,
      title: z.string().trim().min(1).max(300),
      text: z.string().max(10_000).optional(),
      url: z
        .url({ protocol: /^https?$/ })
        .max(2000)
        .optional(),
      postId: id.optional(),
      launchStepId: id.optional(),
    }),
    output: z.object({ id, composeUrl: z.string() }),
    run: createTask,
  }),
  done: operation({
    summary: 'Say that a post was sent by hand, with its address so that it can be measured.',
    route: 'POST /assisted/{taskId}/done',
    access: 'write',
    input: z.strictObject({ taskId: id, url: z.url({ protocol: /^https?$/ }).max(2000) }),
    output: done,
    run: (context, { taskId, url }) => endTask(context, taskId, 'done', url),
  }),
  skip: operation({
    summary: 'Leave out a post that was to be sent by hand.',
    route: 'POST /assisted/{taskId}/skip',
    access: 'write',
    input: one,
    output: done,
    run: (context, { taskId }) => endTask(context, taskId, 'skipped', null),
  }),
};

async function endTask(context: Context, taskId: string, state: 'done' | 'skipped', url: string | null) {
  return transaction(context, async (inside) => {
    const row = await inside.tx
      .updateTable('assistedTasks')
      .set({ state, foundUrl: url, foundBy: url ? 'person' : null, doneAt: inside.clock.now() })
      .where('id', '=', taskId)
      .where('state', 'in', ['waiting', 'notified'])
      .returning('id')
      .executeTakeFirst();
    if (!row) throw notFound('open task');
    await audit(inside, { operation: `assisted.${state}`, subject: taskId, after: { url } });
    await record(inside, `assisted.${state}`, { subjectId: taskId });
    return { done: true };
  });
}

async function assertOwn({ tx }: Inside, wanted: NewTask): Promise<void> {
  if (wanted.postId) {
    const post = await tx
      .selectFrom('posts')
      .select('id')
      .where('id', '=', wanted.postId)
      .where('appId', '=', wanted.appId)
      .executeTakeFirst();
    if (!post) throw notFound('post of this app');
  }
  if (wanted.launchStepId) {
    const step = await tx
      .selectFrom('launchSteps')
      .select('id')
      .where('id', '=', wanted.launchStepId)
      .executeTakeFirst();
    if (!step) throw notFound('launch step');
  }
}

function withQuery(base: string, query: Record<string, string>): string {
  // A space is read as a space everywhere when it is %20; as + some pages show a plus.
  return `${base}?${new URLSearchParams(query)}`.replaceAll('+', '%20');
}
