import type { Logger } from 'pino';
import type { Config } from '#src/config.ts';
import type { Database, Tx } from '#src/db/client.ts';
import type { Model, ModelSettings } from '#src/outside/ai/index.ts';
import type { Mail } from '#src/outside/mail.ts';
import type { MediaStore } from '#src/outside/media.ts';
import type { PaymentProvider } from '#src/outside/payments/payment.ts';
import type { Platform } from '#src/outside/platform.ts';
import type { Web } from '#src/outside/web.ts';
import type { Secrets } from '#src/secrets.ts';

/** The time, asked in one place so that tests can set it. */
export type Clock = { now(): Date };

/** What one process has: built once at the start, overridable in tests. */
export type World = {
  config: Config;
  /** Folder for uploads and other files beside the database. */
  data: string;
  publicUrl: string;
  clock: Clock;
  log: Logger;
  db: Database;
  secrets: Secrets;
  web: Web;
  media: MediaStore;
  mail: Mail;
  platforms: ReadonlyMap<string, Platform>;
  payments: ReadonlyMap<string, PaymentProvider>;
  openModel(settings: ModelSettings): Model;
  /** True for the demo: nothing leaves the machine. */
  demo: boolean;
};

export type Role = 'owner' | 'editor' | 'viewer';
export type Scope = 'read' | 'write' | 'destructive' | 'events';

export type Actor =
  /** `local`: the command line on the server's own machine, which acts for this person. */
  | { kind: 'user'; id: string; name: string; role: Role; local?: true }
  | { kind: 'key'; id: string; scopes: readonly Scope[] }
  | { kind: 'system'; reason: string };

/** What a verb needs: the world, the workspace it acts in, and who is asking. */
export type Context = World & { workspaceId: string; who: Actor; address: string | null; tx?: Tx };

/** A context inside its transaction. A verb that takes this is part of a larger change. */
export type Inside = Context & { tx: Tx };

/** Runs `run` in one transaction of the context's workspace; inside another one it joins it. */
export function transaction<T>(context: Context, run: (inside: Inside) => Promise<T>): Promise<T> {
  if (context.tx) return run(context as Inside);
  return context.db.transaction({ workspaceId: context.workspaceId }, (tx) => run({ ...context, tx }));
}

/** For the few shared tables that are read before the workspace is known. */
export function shared<T>(world: World, run: (tx: Tx) => Promise<T>): Promise<T> {
  return world.db.transaction({ shared: true }, run);
}

export function asSystem(world: World, workspaceId: string, reason: string): Context {
  const { config, data, publicUrl, clock, log, db, secrets, web, media, mail } = world;
  const { platforms, payments, openModel, demo } = world;
  const own = { config, data, publicUrl, clock, log, db, secrets, web, media, mail };
  const more = { platforms, payments, openModel, demo };
  return { ...own, ...more, workspaceId, who: { kind: 'system', reason }, address: null };
}

/** `user:<id>`, `key:<id>` or `system`: how an actor stands in activities and the audit log. */
export function actorName(who: Actor): string {
  return who.kind === 'system' ? 'system' : `${who.kind}:${who.id}`;
}

/** The user behind a change, for columns that name one; null for keys and the system. */
export function userOf(context: Context): string | null {
  return context.who.kind === 'user' ? context.who.id : null;
}
