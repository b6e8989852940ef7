/** Campaigns as code (P9): a file is planned, applied and written. Its format and comparison are in plan/campaign-files. */
import { type Context, type Inside, transaction } from '#src/context.ts';
import { workspaceOf } from '#src/people/workspaces.ts';
import { revisionOf } from '#src/plan/campaign-files/write.ts';
import {
  appFor,
  type CampaignDocument,
  type Change,
  canonical,
  compare,
  type FileProblem,
  type GivenFile,
  type GivenMedia,
  keepApplied,
  keptOf,
  lastApplied,
  namesOf,
  readCampaignFiles,
  type Settled,
  settle,
  type Take,
  TO_BE_SENT,
  writeCampaignFile,
} from '#src/plan/campaign-files.ts';
import { mayApprove } from '#src/plan/posts.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { appOf } from '#src/understand/apps.ts';
import { carryOut, type Work } from './campaign-files/apply.ts';
import { campaignNamed, madeInApp, readStands } from './campaign-files/stands.ts';

export type Wanted = {
  files: readonly GivenFile[];
  appId?: string | undefined;
  take?: Take;
  prune?: boolean | undefined;
  media?: readonly GivenMedia[] | undefined;
};

export type PlannedCampaign = {
  file: string;
  line: number;
  app: { id: string; name: string };
  campaignId: string | null;
  key: string;
  name: string;
  changes: Change[];
  /** Posts, costs and links of the campaign that stand in no file; they are left alone. */
  madeInApp: number;
};

/**
 * What applying these files would do. It is tried in a transaction that is undone, so what would be refused is said
 * now.
 *
 * @throws Refusal `campaign_file` with every problem on its line: `file:line:column: what and what to do`
 */
export async function planFiles(context: Context, wanted: Wanted): Promise<PlannedCampaign[]> {
  let planned: PlannedCampaign[] = [];
  try {
    await transaction(context, async (inside) => {
      const works = await prepare(inside, wanted, true);
      planned = works.map((one) => one.planned);
      const clear = planned.every(({ changes }) =>
        changes.every((one) => one.kind !== 'conflict' && !waitsForPicture(one)),
      );
      if (clear) for (const { work, planned: one } of works) await carryOut(inside, work, one.changes);
      throw new Undone();
    });
  } catch (error) {
    if (!(error instanceof Undone)) throw error;
  }
  return planned;
}

/**
 * Makes it so, in one transaction: all files or none. Applying the same files again changes nothing.
 *
 * @throws Refusal `campaign_conflict` when the app and a file changed the same, until `take` says whose word counts
 */
export function applyFiles(context: Context, wanted: Wanted): Promise<PlannedCampaign[]> {
  return transaction(context, async (inside) => {
    const works = await prepare(inside, wanted, false);
    const conflicts = works.flatMap(({ planned }) => planned.changes.filter((one) => one.kind === 'conflict'));
    if (conflicts.length > 0)
      throw refuse(
        'conflict',
        'campaign_conflict',
        `Nothing was applied. ${conflicts
          .slice(0, 10)
          .map((one) => `${one.thing} “${one.key}”${one.field ? `, ${one.field}` : ''}: ${one.why}`)
          .join(' ')} Say whose word counts: the file’s (take "file") or the app’s (take "app").`,
      );
    const planned: PlannedCampaign[] = [];
    for (const { work, planned: one, document } of works) {
      const { campaignId } = await carryOut(inside, work, one.changes);
      const before = await lastApplied(inside, campaignId);
      const stands = await readStands(inside, work.appId, work.key, { said: work.file, stood: work.file });
      const kept = { ...keptOf(work.file, stands, before), media: [...mediaOf(before?.media, wanted.media)] };
      if (canonical(kept) !== canonical(before))
        await keepApplied(inside, { appId: work.appId, campaignId, file: document.file, kept });
      planned.push({ ...one, campaignId });
    }
    return planned;
  });
}

/** The file of a campaign as it stands. `named` is its key, its name or its id. */
export function exportFile(
  context: Context,
  named: string,
  appId?: string,
): Promise<{ name: string; yaml: string; campaignId: string }> {
  return transaction(context, async (inside) => {
    const found = await campaignNamed(inside, named, appId);
    const [campaign] = found;
    if (!campaign)
      throw refuse('not_found', 'not_found', `There is no campaign “${named}”. Name its key, its name or its id.`);
    if (found.length > 1)
      throw refuse(
        'conflict',
        'campaign_ambiguous',
        `Several campaigns are called “${named}”: ${found.map((one) => `${one.slug} of ${new URL(one.appUrl).host}`).join(', ')}. Name the app as well.`,
      );
    const stands = await readStands(inside, campaign.appId, campaign.slug, await lastApplied(inside, campaign.id));
    const { timeZone } = await workspaceOf(inside);
    const yaml = writeCampaignFile({
      app: campaign.appUrl,
      key: campaign.slug,
      zone: timeZone,
      stands,
    });
    return { name: `${campaign.slug}.yaml`, yaml, campaignId: campaign.id };
  });
}

class Undone extends Error {}

type Prepared = { work: Work; planned: PlannedCampaign; document: CampaignDocument };

async function prepare(inside: Inside, wanted: Wanted, rehearsing: boolean): Promise<Prepared[]> {
  await assertThere(inside, wanted);
  const { documents, problems } = readCampaignFiles(wanted.files);
  if (documents.length === 0 && problems.length === 0)
    throw refuse('invalid', 'campaign_file', 'There is no campaign in these files.');
  const found: FileProblem[] = [...problems];
  const prepared: Prepared[] = [];
  for (const document of documents) {
    const app = await appFor(inside, document, wanted.appId);
    if ('message' in app) found.push(app);
    else prepared.push(await prepareOne(inside, document, app.id, wanted, rehearsing, found));
  }
  const order = wanted.files.map((file) => file.name);
  found.sort((a, b) => order.indexOf(a.file) - order.indexOf(b.file) || a.line - b.line || a.column - b.column);
  if (found.length > 0)
    throw refuse(
      'invalid',
      'campaign_file',
      found.map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`).join('\n'),
    );
  return prepared;
}

/** What is named by its id has to be there before anything is read. */
async function assertThere(inside: Inside, { appId, media = [] }: Wanted): Promise<void> {
  if (appId !== undefined) await appOf(inside, appId);
  const wanted = [...new Set(media.flatMap((one) => one.assetId ?? []))];
  if (wanted.length === 0) return;
  const there = await inside.tx.selectFrom('assets').select('id').where('id', 'in', wanted).execute();
  if (there.length < wanted.length) throw notFound('picture or video');
}

async function prepareOne(
  inside: Inside,
  document: CampaignDocument,
  appId: string,
  wanted: Wanted,
  rehearsing: boolean,
  problems: FileProblem[],
): Promise<Prepared> {
  const key = document.text.campaign;
  // Held until the end: whoever applies next sees what we did.
  const app = await inside.tx
    .selectFrom('apps')
    .select(['id', 'name'])
    .where('id', '=', appId)
    .forUpdate()
    .executeTakeFirst();
  if (!app) throw notFound('app');
  const there = await inside.tx
    .selectFrom('campaigns')
    .select('id')
    .where('appId', '=', appId)
    .where('slug', '=', key)
    .executeTakeFirst();
  const applied = there ? await lastApplied(inside, there.id) : null;
  const stands = await readStands(inside, appId, key, applied);
  const names = await namesOf(inside, appId);
  const { settled, problems: more } = await settle(inside, document, {
    appId,
    names,
    media: rehearsing ? known(wanted.media, applied?.media) : (wanted.media ?? []),
    mayApprove: await mayApprove(inside, { source: 'import' }),
    currency: stands.currency ?? (await workspaceOf(inside)).currency,
  });
  problems.push(...more);
  // An export that was edited knows what it was taken from, as long as that is what stands.
  const taken = document.text.revision !== undefined && document.text.revision === revisionOf(stands);
  const past = taken ? { said: settledOf(stands), stood: settledOf(stands) } : applied;
  const changes = compare(key, settled, stands, past, { take: wanted.take, prune: wanted.prune ?? false });
  return {
    document,
    work: {
      appId,
      key,
      file: settled,
      stands,
      names,
      place: (thing, name) => placed(document, thing, name),
    },
    planned: {
      file: document.file.name,
      line: document.placeOf(['campaign']).line,
      app,
      campaignId: stands.campaignId,
      key,
      name: document.text.name ?? String(stands.campaign.name ?? key),
      changes,
      madeInApp: madeInApp(stands, settled),
    },
  };
}

const settledOf = ({ campaign, things }: Settled): Settled => ({ campaign, things });

function placed(document: CampaignDocument, thing: Change['thing'], key: string): string {
  const list = thing === 'campaign' ? null : (`${thing}s` as 'posts' | 'costs' | 'links');
  const at = list ? (document.text[list] ?? []).findIndex((one) => one.key === key) : -1;
  const { line, column } = document.placeOf(list && at >= 0 ? [list, at] : ['campaign']);
  return `${document.file.name}:${line}:${column}`;
}

/** A picture that was sent before, and is the same, need not be sent to be planned with. */
function known(given: readonly GivenMedia[] | undefined, sent: readonly GivenMedia[] = []): GivenMedia[] {
  return (given ?? []).map((one) => ({
    ...one,
    assetId: one.assetId ?? sent.find((old) => old.path === one.path && old.sha256 === one.sha256)?.assetId,
  }));
}

function mediaOf(before: readonly GivenMedia[] = [], now: readonly GivenMedia[] = []): Iterable<GivenMedia> {
  return new Map([...before, ...now].map((one) => [one.path, one])).values();
}

const waitsForPicture = (change: Change) => canonical(change.file).includes(TO_BE_SENT);
