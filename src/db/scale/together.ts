import { hostname } from 'node:os';
import { connectOwner } from '#src/db/external.ts';

/** Any constants will do: taking one's turn, and the class of the locks that say where media are kept. */
const TURN = 7_026_114;
const MEDIA = 7_026_115;

/**
 * Joins the processes that work on one database, until `leave`. Throws in words when one of them that lives keeps
 * pictures and videos in another place (`MediaStore.place`): what is uploaded to one could not be published by the other.
 * Each holds an advisory lock for its place, which PostgreSQL lets go of however the process ends. It is not taken again
 * after the database was away: the mistake is made at a start, and there it is looked for.
 */
export async function joinOthers(
  ownerUrl: string,
  run: string,
  mediaPlace: string,
): Promise<{ leave(): Promise<void> }> {
  const client = await connectOwner({
    connectionString: ownerUrl,
    application_name: `fanfare ${run} on ${hostname()}`,
  });
  client.on('error', () => undefined);
  try {
    await client.query('select pg_advisory_lock($1, 0)', [TURN]);
    const { rows } = await client.query<{ name: string | null }>(
      `select a.application_name as name
       from pg_locks l left join pg_stat_activity a on a.pid = l.pid
       where l.locktype = 'advisory' and l.objsubid = 2 and l.classid = $1
         and l.database = (select oid from pg_database where datname = current_database())
         and l.objid::bigint <> hashtext($2)::bigint & 4294967295
       limit 1`,
      [MEDIA, mediaPlace],
    );
    if (rows[0])
      throw new Error(
        `This process would keep pictures and videos in another place than one that runs already (${rows[0].name || 'its name is not known'}), so what is uploaded there could not be published from here. Let FANFARE_DATA lead all processes to one shared folder, or give all of them the same bucket (MEDIA_S3_URL).`,
      );
    await client.query('select pg_advisory_lock_shared($1, hashtext($2))', [MEDIA, mediaPlace]);
    await client.query('select pg_advisory_unlock($1, 0)', [TURN]);
  } catch (error) {
    await client.end();
    throw error;
  }
  return { leave: () => client.end() };
}
