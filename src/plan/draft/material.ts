import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import type { Platform } from '#src/outside/platform.ts';
import { workspaceOf } from '#src/people/workspaces.ts';
import { balanceOf } from '#src/plan/calendar/themes.ts';
import { factsForWriting } from '#src/plan/knowledge.ts';
import { currentStrategy } from '#src/plan/strategies.ts';
import { factsToWriteWith } from '#src/plan/templates/preview.ts';
import { type Template, templatesInUse } from '#src/plan/templates.ts';
import { momentOf } from '#src/plan/times.ts';
import type { FactForWriting, TemplateKind } from '#src/plan/writing/index.ts';
import { notFound } from '#src/refusal.ts';
import { appOf } from '#src/understand/apps.ts';

export type Material = {
  app: { id: string; name: string; tagline: string | null };
  campaign: { name: string; description: string } | null;
  objective: string;
  facts: FactForWriting[];
  /** How the app talks: statements by kind. */
  voice: { kind: string; statement: string }[];
  audiences: string[];
  templates: Template[];
  /** Those with a connected account; X while there is none. */
  platforms: Platform[];
  /** Earlier posts, newest first. */
  used: UsedText[];
  themes: Map<TemplateKind, string>;
  /** Kinds whose theme has had less (-1) or more (1) than its share. */
  balance: Map<TemplateKind, -1 | 1>;
  zone: string;
  /** Drafts are proposed for moments after this one. */
  after: Date;
  postsPerWeek: number;
  taken: Date[];
};

export type UsedText = { title: string; text: string };

/** Everything drafting needs, read in one transaction. */
export async function materialFor(
  inside: Inside,
  wanted: { appId: string; campaignId?: string | null | undefined },
): Promise<Material> {
  const { tx, clock } = inside;
  const app = await appOf(inside, wanted.appId);
  const campaign = wanted.campaignId
    ? await tx
        .selectFrom('campaigns')
        .select(['name', 'description', 'objective', 'startsOn'])
        .where('id', '=', wanted.campaignId)
        .where('appId', '=', app.id)
        .executeTakeFirst()
    : undefined;
  if (wanted.campaignId && !campaign) throw notFound('campaign of this app');
  const strategy = await currentStrategy(inside, app.id);
  const facts = await factsForWriting(inside, app.id);
  const themes = await themesByKind(inside, app.id);
  const { timeZone: zone } = await workspaceOf(inside);
  const soon = new Date(clock.now().getTime() + 36e5);
  const start = campaign?.startsOn ? momentOf(zone, campaign.startsOn, '00:00') : soon;
  return {
    app,
    campaign: campaign ?? null,
    objective: campaign?.objective ?? strategy?.objective ?? 'awareness',
    facts: factsToWriteWith(facts),
    voice: facts
      .filter((fact) => ['tone', 'personality', 'do_say', 'dont_say', 'style_note'].includes(fact.kind))
      .map(({ kind, statement }) => ({ kind, statement })),
    audiences: (strategy?.items ?? []).filter((item) => item.kind === 'audience').map((item) => item.statement),
    templates: await templatesInUse(inside),
    platforms: await platformsInUse(inside),
    used: await textsSoFar(inside, app.id),
    themes,
    balance: await balanceByKind(inside, app.id, themes),
    zone,
    after: start > soon ? start : soon,
    postsPerWeek: strategy?.postsPerWeek || 5,
    taken: await momentsTaken(inside, app.id),
  };
}

/** The newest 500 texts of an app's posts; withdrawn ones count too, they were turned down. */
export async function textsSoFar({ tx }: Inside, appId: string): Promise<UsedText[]> {
  const rows = await tx
    .selectFrom('posts')
    .innerJoin('postVariants', 'postVariants.postId', 'posts.id')
    .innerJoin('parts', 'parts.variantId', 'postVariants.id')
    .select('posts.title')
    .select(sql<string>`string_agg(parts.text, chr(10) order by parts.position)`.as('text'))
    .where('posts.appId', '=', appId)
    .groupBy(['posts.id', 'posts.title', 'posts.createdAt', 'postVariants.id'])
    .orderBy('posts.createdAt', 'desc')
    .limit(500)
    .execute();
  return rows;
}

async function platformsInUse(inside: Inside): Promise<Platform[]> {
  const rows = await inside.tx
    .selectFrom('accounts')
    .select('platform')
    .distinct()
    .where('status', '<>', 'removed')
    .orderBy('platform')
    .execute();
  const connected = rows.flatMap((row) => inside.platforms.get(row.platform) ?? []);
  const fallback = inside.platforms.get('x') ?? [...inside.platforms.values()][0];
  return connected.length > 0 ? connected : fallback ? [fallback] : [];
}

async function momentsTaken({ tx, clock }: Inside, appId: string): Promise<Date[]> {
  const now = clock.now();
  const proposed = await tx
    .selectFrom('posts')
    .select('proposedFor as at')
    .where('appId', '=', appId)
    .where('proposedFor', '>=', now)
    .where('status', 'in', ['draft', 'approved'])
    .execute();
  const due = await tx
    .selectFrom('publications')
    .innerJoin('posts', 'posts.id', 'publications.postId')
    .select('publications.dueAt as at')
    .where('posts.appId', '=', appId)
    .where('publications.state', '=', 'scheduled')
    .where('publications.dueAt', '>=', now)
    .execute();
  return [...proposed, ...due].flatMap((row) => row.at ?? []);
}

const PILLAR_OF: Record<TemplateKind, string> = {
  problem_solution: 'The problem and the answer',
  feature_update: 'How it works',
  educational: 'How it works',
  testimonial: 'Proof',
  milestone: 'Proof',
  comparison: 'How it differs',
  promotional: 'What it costs',
  launch_announcement: 'Behind the scenes',
  behind_the_scenes: 'Behind the scenes',
  community: 'Behind the scenes',
};

async function themesByKind({ tx }: Inside, appId: string): Promise<Map<TemplateKind, string>> {
  const themes = await tx.selectFrom('contentThemes').select(['id', 'name']).where('appId', '=', appId).execute();
  const entries = Object.entries(PILLAR_OF) as [TemplateKind, string][];
  return new Map(
    entries.flatMap(([kind, name]) => {
      const theme = themes.find((one) => one.name === name);
      return theme ? [[kind, theme.id] as const] : [];
    }),
  );
}

async function balanceByKind(
  inside: Inside,
  appId: string,
  themes: ReadonlyMap<TemplateKind, string>,
): Promise<Map<TemplateKind, -1 | 1>> {
  const balance = await balanceOf(inside, appId);
  const off = new Map(balance.themes.map((theme) => [theme.id, theme.verdict]));
  return new Map(
    [...themes].flatMap(([kind, themeId]): [TemplateKind, -1 | 1][] => {
      const verdict = off.get(themeId);
      return verdict === 'over' ? [[kind, 1]] : verdict === 'under' ? [[kind, -1]] : [];
    }),
  );
}
