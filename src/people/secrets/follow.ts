import { setTimeout as wait } from 'node:timers/promises';
import { sql } from 'kysely';
import { shared, type World } from '#src/context.ts';
import type { Tx } from '#src/db/client.ts';
import { troubleOf } from '#src/db/trouble.ts';
import { countSealed, reseal } from '#src/people/secrets/reseal.ts';

/** So soon every process seals under a new key. Until then it opens what others sealed under it all the same. */
const EVERY = 60_000;
/** A retired key is forgotten when nothing has been sealed under it for so long: ten times what the slowest needs. */
const RESTS = 10 * EVERY;

/** So often at most a rotation goes over everything again, before the next minute does. */
const PASSES = 3;

/** So long a process that starts waits for a database that is away. */
const PATIENCE = 60_000;
const LOOK_AGAIN = 250;

const FIRST = { table: 'installation_secrets', row: 'first', column: 'sealed_value' };

/**
 * Keeps this process at the installation's keys: which one seals is read now and once a minute, and what an older one
 * sealed is sealed again in the background, also after a rotation that was cut short. Returns how to stop it.
 */
export async function followKeys(world: World): Promise<{ stop(): Promise<void> }> {
  let running: Promise<void> = Promise.resolve();
  const look = async () => {
    const { retired } = await learnKeys(world);
    if (retired) await finish(world);
  };
  const again = () => {
    running = running.then(look).catch((error: Error) => world.log.warn({ err: error }, 'The keys could not be read'));
  };
  if ((await firstLook(world)).retired) again();
  const timer = setInterval(again, EVERY).unref();
  return {
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}

/** What lasts is made of the first secret, so nothing begins before it is known: a database that is away is waited for. */
async function firstLook(world: World): Promise<{ retired: boolean }> {
  for (const end = Date.now() + PATIENCE; ; ) {
    try {
      return await learnKeys(world);
    } catch (error) {
      if (troubleOf(error) !== 'away' || Date.now() > end) throw error;
      await wait(LOOK_AGAIN);
    }
  }
}

/** Reads which key seals. `retired`: there are keys whose values have to be sealed again. */
export async function learnKeys(world: World): Promise<{ retired: boolean }> {
  const { keys } = world.secrets;
  const { rows, first } = await shared(world, readKeys);
  const current = rows.find((row) => row.retiredAt === null && keys.isOwn(row.id));
  if (!current) await beginSecret(world);
  else keys.sealWith(current.id);
  if (first) keepFirst(world, first.sealedValue);
  else if (rows.length === 0 || rows.some((row) => keys.isBefore(row.id))) await storeFirst(world);
  const opens = (id: string) => id !== current?.id && (keys.isOwn(id) || keys.isBefore(id));
  return { retired: keys.hasBefore || rows.some(({ id }) => opens(id)) };
}

/** A new key, which seals from now on; all others only open. Returns its id. */
export async function makeKey(world: World): Promise<string> {
  const id = world.secrets.keys.make();
  await shared(world, async (tx) => {
    await alone(tx);
    await enthrone(world, tx, id);
  });
  world.secrets.keys.sealWith(id);
  return id;
}

/** Seals again what is left and forgets the keys that nothing uses any more. Returns how many values were sealed again. */
export async function finish(world: World): Promise<number> {
  let resealed = await reseal(world);
  let { columns, used } = await countSealed(world);
  // What somebody held, or sealed meanwhile under the key before: soon done, or done within the next minute.
  for (let again = 0; again < PASSES && columns.some(({ older }) => older > 0); again++) {
    resealed += await reseal(world);
    ({ columns, used } = await countSealed(world));
  }
  const before = new Date(world.clock.now().getTime() - RESTS);
  await shared(world, async (tx) => {
    const rows = await tx.selectFrom('sealingKeys').select('id').where('retiredAt', '<', before).execute();
    const unused = rows.map(({ id }) => id).filter((id) => !used.has(id));
    if (unused.length > 0) await tx.deleteFrom('sealingKeys').where('id', 'in', unused).execute();
  });
  if (resealed > 0) world.log.info({ resealed }, 'Sealed again under the key in force');
  return resealed;
}

async function readKeys(tx: Tx) {
  const rows = await tx.selectFrom('sealingKeys').selectAll().orderBy('madeAt', 'desc').execute();
  const first = await tx.selectFrom('installationSecrets').select('sealedValue').executeTakeFirst();
  return { rows, first };
}

/** The first start with this secret: one of its own keys seals. */
async function beginSecret(world: World): Promise<void> {
  const { secrets } = world;
  const { keys } = secrets;
  await shared(world, async (tx) => {
    await alone(tx);
    const { rows } = await readKeys(tx);
    const known = rows.find((row) => row.retiredAt === null && keys.isOwn(row.id));
    if (known) return keys.sealWith(known.id);
    if (rows.length > 0 && !rows.some((row) => keys.isBefore(row.id)))
      world.log.warn(
        'The stored credentials were sealed with another secret and do not open. Start with the FANFARE_SECRET they were stored under, give it as FANFARE_SECRET_BEFORE, or connect the accounts again.',
      );
    keys.sealWith(rows.find((row) => keys.isOwn(row.id))?.id ?? keys.current());
    await enthrone(world, tx, keys.current());
  });
}

async function enthrone(world: World, tx: Tx, id: string): Promise<void> {
  const now = world.clock.now();
  await tx
    .updateTable('sealingKeys')
    .set({ retiredAt: sql`greatest(made_at, ${now})` })
    .where('retiredAt', 'is', null)
    .execute();
  await tx
    .insertInto('sealingKeys')
    .values({ id, madeAt: now })
    .onConflict((oc) => oc.column('id').doUpdateSet({ retiredAt: null }))
    .execute();
}

/** What lasts goes on being made of the secret before this one, also when that one is given no longer. */
async function storeFirst(world: World): Promise<void> {
  const lasting = world.secrets.keys.first();
  if (lasting === null) return;
  const sealedValue = world.secrets.seal(FIRST, lasting);
  await shared(world, (tx) =>
    tx
      .insertInto('installationSecrets')
      .values({ name: FIRST.row, sealedValue })
      .onConflict((oc) => oc.doNothing())
      .execute(),
  );
}

function keepFirst(world: World, sealed: string): void {
  try {
    world.secrets.keys.keepFirst(world.secrets.open(FIRST, sealed));
  } catch (error) {
    world.log.warn({ err: error }, 'Links and fingerprints of before the secret was replaced are not recognised');
  }
}

/** One process at a time changes which key seals. */
async function alone(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('fanfare: sealing keys', 0))`.execute(tx);
}
