import { asSystem, transaction, type World } from '#src/context.ts';
import { askOf, type Statement } from '#src/db/client.ts';
import { type Goal, goalsOf } from '#src/measure/conversions.ts';
import { dayOf, type Salts, saltsFor } from '#src/measure/events/salts.ts';
import { holderOf, type KeyHolder, type Tracking, trackingOf } from '#src/measure/events/tracking.ts';

/** What is known of an app. `tracking`: null when the app is gone. */
export type AppKnowledge = { tracking: Tracking | null; goals: Goal[] };

/** What is remembered of a workspace, as it was when its settings had this signature. */
type Remembered = { signature: string; timeZone: string; apps: Map<string, AppKnowledge> };

/** For so long a key stays unknown, in milliseconds: short enough for whoever has just made it. */
const UNKNOWN_FOR = 5_000;
const MOST_UNKNOWN = 10_000;

/**
 * What the intake remembers between batches: whose key it is, how an app is measured, today's salts. Settings may change
 * at any moment, in any process: each batch reads the signature of the rows they stand in, in the transaction that
 * stores its events, and what was remembered is used only as long as that agrees.
 */
export class Knowledge {
  private readonly world: World;
  private readonly holders = new Map<string, KeyHolder>();
  private readonly nobody = new Map<string, number>();
  private readonly workspaces = new Map<string, Remembered>();
  private readonly salts = new Map<string, Salts>();

  constructor(world: World) {
    this.world = world;
  }

  /** Whose events carry this key. A key's app never changes, so it is looked up once. */
  async holder(publicKey: string): Promise<KeyHolder | null> {
    const known = this.holders.get(publicKey);
    if (known || (this.nobody.get(publicKey) ?? 0) > Date.now()) return known ?? null;
    const found = await holderOf(this.world, publicKey);
    if (found) this.holders.set(publicKey, found);
    else {
      // Keys that are made up are not asked for again and again.
      if (this.nobody.size >= MOST_UNKNOWN) this.nobody.clear();
      this.nobody.set(publicKey, Date.now() + UNKNOWN_FOR);
    }
    return found;
  }

  holderAtHand(publicKey: string): KeyHolder | undefined {
    return this.holders.get(publicKey);
  }

  /** What is remembered of an app; undefined when nothing is. */
  app({ workspaceId, appId }: KeyHolder): AppKnowledge | undefined {
    return this.workspaces.get(workspaceId)?.apps.get(appId);
  }

  /** The signature of what is remembered of a workspace. */
  signature(workspaceId: string): string {
    return this.workspaces.get(workspaceId)?.signature ?? '';
  }

  /** The time zone of a workspace, as it was when its settings had that signature. */
  timeZone(workspaceId: string): string {
    return this.workspaces.get(workspaceId)?.timeZone ?? 'UTC';
  }

  /** The salts of the day of this moment, when they are at hand. */
  saltsAt(at: Date): Salts | undefined {
    return this.salts.get(dayOf(at));
  }

  /** What is known of an app, and the salts of a day, read where it is not remembered. */
  async learn({ workspaceId, appId }: KeyHolder, at: Date): Promise<AppKnowledge> {
    if (!this.saltsAt(at)) {
      const salts = await this.world.db.transaction({ shared: true }, (tx) => saltsFor(tx, at));
      // Salts of earlier days are forgotten: they could tell who was who. Around midnight events of two days are on their way.
      for (const day of this.salts.keys()) if (!isNextTo(day, dayOf(at))) this.salts.delete(day);
      this.salts.set(dayOf(at), salts);
    }
    for (let tries = 0; ; tries++) {
      const known = this.app({ workspaceId, appId });
      if (known) return known;
      // Meanwhile somebody else may have begun anew, with other apps.
      if (tries === 10) throw new Error('The settings of this workspace change faster than they are read.');
      await this.read(workspaceId, [appId]);
    }
  }

  /** Reads the settings of these apps anew. */
  async read(workspaceId: string, appIds: readonly string[]): Promise<void> {
    await transaction(asSystem(this.world, workspaceId, 'events'), async (inside) => {
      // The signature is read first: a change in between makes it old, never the settings.
      const [signed] = await askOf(inside.tx)<{ signature: string; zone: string | null }>(SIGNATURE, [workspaceId]);
      const [signature, timeZone] = [signed?.signature ?? '', signed?.zone ?? 'UTC'];
      const tracking = await trackingOf(inside, [...appIds]);
      const goals = await goalsOf(inside, [...appIds]);
      const known = this.workspaces.get(workspaceId);
      const apps = known?.signature === signature ? known.apps : new Map<string, AppKnowledge>();
      for (const appId of appIds)
        apps.set(appId, {
          tracking: tracking.get(appId) ?? null,
          goals: goals.filter((goal) => goal.appId === appId),
        });
      this.workspaces.set(workspaceId, { signature, timeZone, apps });
    });
  }
}

function isNextTo(day: string, other: string): boolean {
  return Math.abs(Date.parse(day) - Date.parse(other)) <= 86_400_000;
}

const ZONE = '(select workspaces.time_zone from workspaces where workspaces.id = $1)';

/** The time zone of the workspace `$1` and the versions of all rows in which its settings stand. */
export const signatureOf = `concat_ws(' ', ${ZONE}, ${['apps', 'tracking_settings', 'goals', 'agent_rules']
  .map(
    (table) =>
      `(select concat_ws(',', count(*), sum(${table}.xmin::text::bigint)) from ${table} where ${table}.workspace_id = $1)`,
  )
  .join(', ')})`;

const SIGNATURE: Statement = { name: 'signature_of', text: `select ${signatureOf} as signature, ${ZONE} as zone` };
