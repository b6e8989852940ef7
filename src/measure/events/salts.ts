import { hash } from 'node:crypto';
import type { Tx } from '#src/db/client.ts';
import { randomToken } from '#src/secrets.ts';

/** The salts by which a visitor of today, or of yesterday, can be recognised. */
export type Salts = { today: string; yesterday: string | null };

const DAY = 86_400_000;

/**
 * The salts for a moment (UTC days). The first who asks on a new day makes its salt; salts are deleted 48 hours after
 * their day began, so that the visitors of that day cannot be worked out again by anybody.
 */
export async function saltsFor(tx: Tx, now: Date): Promise<Salts> {
  const [today, yesterday] = [dayOf(now), dayOf(new Date(now.getTime() - DAY))];
  const known = await read(tx, today, yesterday);
  if (known.today !== null) return { today: known.today, yesterday: known.yesterday };
  await tx
    .insertInto('dailySalts')
    .values({ day: today, salt: randomToken(32), createdAt: now })
    .onConflict((oc) => oc.doNothing())
    .execute();
  await forgetSalts(tx, now);
  const made = await read(tx, today, yesterday);
  if (made.today === null) throw new Error('The salt of today could not be made.');
  return { today: made.today, yesterday: made.yesterday };
}

/** Deletes salts whose day began 48 hours ago or earlier. */
export async function forgetSalts(tx: Tx, now: Date): Promise<void> {
  await tx
    .deleteFrom('dailySalts')
    .where('day', '<', dayOf(new Date(now.getTime() - DAY)))
    .execute();
}

/** 96 bits of SHA-256 over the day's salt, app, address and agent. None of the four is stored with it. */
export function visitorHash(salt: string, who: { address: string; agent: string; appId: string }): string {
  return hash('sha256', `${salt}\n${who.appId}\n${who.address}\n${who.agent}`, 'base64url').slice(0, 16);
}

/** The UTC day of a moment. */
export function dayOf(at: Date): string {
  const number = Math.floor(at.getTime() / DAY);
  if (number !== newest.number) newest = { number, day: at.toISOString().slice(0, 10) };
  return newest.day;
}

let newest = { number: Number.NaN, day: '' };

async function read(tx: Tx, today: string, yesterday: string) {
  const rows = await tx
    .selectFrom('dailySalts')
    .select(['day', 'salt'])
    .where('day', 'in', [today, yesterday])
    .execute();
  const salt = (day: string) => rows.find((row) => row.day === day)?.salt ?? null;
  return { today: salt(today), yesterday: salt(yesterday) };
}
