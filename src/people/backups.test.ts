import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { shared } from '#src/context.ts';
import { fromFile, load, openBackup } from '#src/db/backup.ts';
import { holdRestored, publishDue } from '#src/distribute/publications.ts';
import { planDueBackup, runBackup } from '#src/people/backups/make.ts';
import { noteRestore } from '#src/people/backups/restored.ts';
import { lastDue } from '#src/people/backups/settings.ts';
import { draft } from '#test/connected.ts';
import { createDatabase } from '#test/database.ts';
import { openTestWorld, type Person, personOf, type TestWorld } from '#test/world.ts';

let house: TestWorld;
let maya: Person;

beforeAll(async () => {
  house = await openTestWorld();
  maya = await house.join('Maya Lind');
});

afterAll(() => house.close());

test('the owner of the installation makes a backup and verifies it; nobody else may', async () => {
  const noor = await house.join('Noor Haddad');
  await expect(noor.call.backups.list({})).rejects.toThrow('for the person who set it up');
  await expect(noor.call.backups.make({})).rejects.toThrow('for the person who set it up');

  const { id } = await maya.call.backups.make({});
  await expect(maya.call.backups.make({})).rejects.toThrow('being made already');
  expect((await maya.call.backups.list({})).backups[0]).toMatchObject({ id, state: 'running' });
  await house.drain();
  const made = (await maya.call.backups.list({})).backups[0]!;
  expect(made).toMatchObject({ state: 'done', kind: 'by_hand', error: null, secretInside: false, verifiedAt: null });
  expect(made.rows).toBeGreaterThan(5);

  await maya.call.backups.verify({ backupId: id });
  expect((await maya.call.backups.list({})).backups[0]).toMatchObject({ verifying: true });
  await house.drain();
  expect((await maya.call.backups.list({})).backups[0]).toMatchObject({ verifying: false, verifyError: null });
  expect((await maya.call.backups.list({})).backups[0]!.verifiedAt).toEqual(house.clock.now());

  await rm(made.path);
  expect((await maya.call.backups.list({})).backups[0]).toMatchObject({ state: 'missing' });
  await maya.call.backups.verify({ backupId: id });
  await house.drain();
  expect((await maya.call.backups.list({})).backups[0]!.verifyError).toContain('cannot be read');
});

test('one is made each day at the hour that was set, also late, and so many are kept', async () => {
  expect(lastDue({ hour: 3, timeZone: 'Europe/Berlin' }, new Date('2026-11-22T01:59:00Z'))).toEqual(
    new Date('2026-11-21T02:00:00Z'),
  );
  expect(lastDue({ hour: 3, timeZone: 'Europe/Berlin' }, new Date('2026-11-22T02:00:00Z'))).toEqual(
    new Date('2026-11-22T02:00:00Z'),
  );
  // The hour that the clocks skip in spring: it is made in the one after.
  expect(lastDue({ hour: 2, timeZone: 'Europe/Berlin' }, new Date('2027-03-28T12:00:00Z'))).toEqual(
    new Date('2027-03-28T01:00:00Z'),
  );
  expect(lastDue({ hour: null, timeZone: 'UTC' }, new Date())).toBe(null);

  await expect(maya.call.backups.configure({ hour: 5, timeZone: 'Mars/Olympus', keep: 2 })).rejects.toThrow(
    'time zone',
  );
  const set = await maya.call.backups.configure({ hour: 5, keep: 1, passphrase: 'an old oak tree by the river' });
  expect(set).toMatchObject({ hour: 5, keep: 1, encrypted: true, nextAt: new Date('2026-11-23T05:00:00Z') });
  for (let day = 0; day < 2; day++) {
    const due = await planDueBackup(house.world);
    await runBackup(house.world, house.owner, due!);
    expect(await planDueBackup(house.world)).toBe(null);
    house.clock.forward('1 d');
  }
  const { backups } = await maya.call.backups.list({});
  const scheduled = backups.filter(({ kind }) => kind === 'scheduled');
  expect(scheduled.map(({ state }) => state)).toEqual(['done', 'removed']);
  expect(scheduled[0]).toMatchObject({ encrypted: true, secretInside: true });
  expect(JSON.stringify(await maya.call.audit.list({}))).not.toContain('old oak');
});

test('one that fails says why, and its owner is told', async () => {
  house.clock.forward('1 d');
  const due = await planDueBackup(house.world);
  await shared(house.world, (tx) =>
    tx
      .updateTable('backups')
      .set({ path: join(house.data, 'secret.key', 'a.backup') })
      .where('id', '=', due!)
      .execute(),
  );
  await expect(runBackup(house.world, house.owner, due!)).rejects.toThrow('Choose another place');
  expect((await maya.call.backups.list({})).backups[0]).toMatchObject({ state: 'failed' });
  expect((await maya.call.notices.list({})).notices.map(({ kind }) => kind)).toContain('backup_failed');
});

test('after a restore nothing is sent again by itself: what was due waits for a yes', async () => {
  await maya.call.backups.configure({ hour: null, keep: 2, passphrase: null });
  const { id: accountId } = await maya.call.accounts.connectSandbox({ handle: 'driftlog' });
  const write = async (text: string, at: Date) => {
    const postId = await draft(maya, [text]);
    const when = { at: at.toISOString() };
    const [one] = (await maya.call.posts.schedule({ postId, accountIds: [accountId], ...when })).publications;
    return { postId, publicationId: one!.publicationId };
  };
  const soon = await write('Going out in an hour', new Date(house.clock.now().getTime() + 3_600_000));
  const midway = await write('Was going out', new Date(house.clock.now().getTime() + 3_600_000));
  const later = await write('Going out in a week', new Date(house.clock.now().getTime() + 7 * 86_400_000));
  const { id, path } = await maya.call.backups.make({});
  await house.drain();
  expect((await maya.call.backups.list({})).backups.find((one) => one.id === id)).toMatchObject({ state: 'done' });
  const kept = join(house.data, 'kept.backup');
  await copyFile(path, kept);
  house.clock.forward('2 h');
  await publishDue(house.world);
  expect(await stateOf(maya, soon.publicationId)).toBe('published');

  const database = await createDatabase();
  const file = await openBackup(kept);
  await load(database.owner, fromFile(file), {
    inTheEnd: (client, rows) => noteRestore(client, { madeAt: file.contents.madeAt, path: kept, rows }),
  });
  await file.close();
  const again = await openTestWorld({ database, now: house.clock.now().toISOString() });
  try {
    const client = new pg.Client(database.owner);
    await client.connect();
    const of = [maya.workspaceId, midway.publicationId];
    await client.query(`update publications set state = 'publishing' where id = $1`, [midway.publicationId]);
    await client.query(
      `with part as (insert into publication_parts (workspace_id, publication_id, position, text, text_hash, state)
         values ($1, $2, 0, 'Was going out', 'x', 'sent') returning id)
       insert into attempts (workspace_id, publication_part_id, number, phase, sent_at) select $1, id, 1, 'sent', now() from part`,
      of,
    );
    await client.end();
    const person = { id: maya.userId, name: 'Maya Lind', email: maya.email };
    const back = personOf(again.world, person, maya.workspaceId, 'owner');
    expect(await holdRestored(again.world)).toEqual({ publications: 2, letters: 0 });
    expect(await holdRestored(again.world)).toBe(null);
    expect(await publishDue(again.world)).toBe(0);
    expect(await stateOf(back, soon.publicationId)).toBe('asking');
    expect(await stateOf(back, later.publicationId)).toBe('scheduled');
    const told = (await back.call.notices.list({})).notices.find(({ kind }) => kind === 'restored');
    expect(told?.body).toContain('2 posts that were due may be out already');
    // A call was under way: only a person can say what became of it.
    expect(await stateOf(back, midway.publicationId)).toBe('failed');
    await expect(back.call.publications.retry({ publicationId: midway.publicationId })).rejects.toThrow(
      'Nobody knows yet',
    );
    await back.call.publications.decide({ publicationId: soon.publicationId, decision: 'skip' });
    expect(await stateOf(back, soon.publicationId)).toBe('skipped');
  } finally {
    await again.close();
  }
});

async function stateOf({ call }: Person, publicationId: string): Promise<string> {
  return (await call.publications.get({ publicationId })).state;
}
