import { join } from 'node:path';
import { createRouterClient } from '@orpc/server';
import { catalog } from '#src/catalog.ts';
import { asSystem, type Context, type World } from '#src/context.ts';
import type { Caller } from '#src/operation.ts';
import type { Platform } from '#src/outside/platform.ts';
import { addDays, dayIn, momentOf } from '#src/plan/times.ts';
import { chances } from './chance.ts';

export const ZONE = 'Europe/Berlin';

/** Who tells the story, and when it is: `at` moves the clock, from then on every operation happens at that moment. */
export type Story = ReturnType<typeof beginStory>;

/** `days`: how far back it begins. It ends at the moment of `world`'s clock. `openPast`: the platform as it was. */
export function beginStory(
  world: World,
  maya: { userId: string; workspaceId: string },
  days: number,
  openPast: (folder: string, clock: World['clock']) => Platform,
) {
  const now = world.clock.now();
  const today = dayIn(ZONE, now);
  let told = now;
  const clock = { now: () => told };
  const sandbox = openPast(join(world.data, 'sandbox'), clock);
  const newsletter = world.platforms.get('newsletter');
  const platforms = new Map([sandbox, ...(newsletter ? [newsletter] : [])].map((one) => [one.id, one]));
  const past: World = { ...world, clock, platforms };
  const who = { kind: 'user', id: maya.userId, name: 'Maya Lind', role: 'owner' } as const;
  const caller: Caller = { world: past, who, workspaceId: maya.workspaceId, address: null, requestId: 'demo' };
  const context: Context = { ...asSystem(past, maya.workspaceId, 'demo'), who };
  return {
    world: past,
    context,
    call: createRouterClient(catalog, { context: caller }),
    chance: chances(20),
    days,
    now,
    /** The day so many days before the story's last, in Maya's zone. */
    dayOf: (ago: number) => addDays(today, -ago),
    momentOf: (ago: number, time: string) => momentOf(ZONE, addDays(today, -ago), time),
    at(moment: Date) {
      told = moment;
    },
  };
}

/** The same world at a moment of its own, for what happens to many at once. */
export function worldAt(world: World, moment: Date): World {
  return { ...world, clock: { now: () => moment } };
}

/** Runs `run` for each, at most `most` at a time, in order of beginning. */
export async function each<T>(all: readonly T[], most: number, run: (one: T) => Promise<void>): Promise<void> {
  const waiting = all.values();
  await Promise.all(
    Array.from({ length: most }, async () => {
      for (const one of waiting) await run(one);
    }),
  );
}
