/** Who a competitor is, by its own pages. */
import type { Inside } from '#src/context.ts';
import { analyseBuiltIn } from '#src/understand/builtin/index.ts';
import { addressesMachine } from '#src/understand/findings.ts';
import type { Kept } from './keep.ts';

/** Fills in what no person has set: tagline, positioning, category, technology, how it sells and what it publishes. */
export async function keepProfile({ tx, workspaceId }: Inside, competitorId: string, { pages }: Kept): Promise<void> {
  const home = pages.find(({ read }) => read.kind === 'home')?.read;
  if (!home) return;
  const { editedFields, url } = await tx
    .selectFrom('competitors')
    .select(['editedFields', 'url'])
    .where('id', '=', competitorId)
    .executeTakeFirstOrThrow();
  const all = pages.map(({ read }) => read);
  const { profile } = analyseBuiltIn(
    all.filter(({ kind }) => kind !== 'blog' && kind !== 'changelog').map(({ page }) => page),
  );
  const words = (text: string | null | undefined) => (text && !addressesMachine(text) ? text.slice(0, 2_000) : null);
  const found = {
    tagline: words(home.shape.headline?.text ?? profile.tagline?.value),
    positioning: words(
      [home.shape.headline?.text, home.shape.tagline?.text]
        .filter(Boolean)
        .join('. ')
        .replace(/([.!?])\. /g, '$1 '),
    ),
    description: words(home.page.description ?? profile.description?.value),
    category: profile.category.value,
    marketingStrategy: words(selling(all)),
    contentStrategy: words(publishing(all)),
  };
  const set = Object.fromEntries(
    Object.entries(found).filter(([field, value]) => value && !editedFields.includes(field)),
  );
  const technology = [...new Set(all.flatMap(({ page }) => page.technology))].slice(0, 30);
  await tx
    .updateTable('competitors')
    .set({ ...set, technology })
    .where('id', '=', competitorId)
    .execute();
  const social = new Map(
    all.flatMap(({ page }) => page.social).map((one) => [`${one.platform} ${one.handle ?? one.url}`, one]),
  );
  for (const { platform, handle, url: profileUrl } of social.values())
    await tx
      .insertInto('competitorProfiles')
      .values({ workspaceId, competitorId, platform, handle: handle ?? new URL(profileUrl).hostname, url: profileUrl })
      .onConflict((oc) =>
        oc.columns(['workspaceId', 'competitorId', 'platform', 'handle']).doUpdateSet({ url: profileUrl }),
      )
      .execute();
  if (url === null)
    await tx.updateTable('competitors').set({ url: home.page.url }).where('id', '=', competitorId).execute();
}

type All = Kept['pages'][number]['read'][];

function selling(all: All): string | null {
  const plans = all.flatMap(({ shape }) => shape.plans);
  const said: string[] = [];
  if (plans.some(({ offers }) => offers.some(({ amount }) => amount === '0'))) said.push('a free plan');
  const [trial] = all.flatMap(({ shape }) => shape.trials);
  if (trial) said.push(`a free trial of ${trial.days} days`);
  if (plans.some(({ offers }) => offers.some(({ amount }) => amount === null)))
    said.push('prices on request for the largest');
  const [action] = all[0]?.shape.actions ?? [];
  const how =
    said.length > 0
      ? `Sells with ${said.join(', ')}.`
      : plans.length > 0
        ? 'Sells at published prices, without a free plan or a trial.'
        : null;
  return [how, action ? `Asks visitors to “${action.text}”.` : null].filter(Boolean).join(' ') || null;
}

function publishing(all: All): string | null {
  const has = (kind: string) => all.some((one) => one.kind === kind);
  const said = [has('blog') ? 'a blog' : null, has('changelog') ? 'a public changelog' : null].filter(Boolean);
  return said.length > 0 ? `Publishes ${said.join(' and ')}.` : null;
}
