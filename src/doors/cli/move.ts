import { Command } from 'commander';
import { forgetMoved, fromSnapshot, load, markMoved, openSnapshot, refuseMoved, withMark } from '#src/db/backup.ts';
import { WrongInput } from '#src/doors/cli/fields.ts';
import { installationOf, reachExternal, shownAddress, startAlone } from '#src/doors/cli/installation.ts';
import type { Terminal } from '#src/doors/cli/program.ts';

type Options = { replace?: boolean; serverUrl?: string };

/** `fanfare move DATABASE_URL` and back: the same rows on another server, of whichever major version. */
export function moveCommand(terminal: Terminal): Command {
  return new Command('move')
    .description(
      'Move the database to another PostgreSQL (15 to 18), or back: fanfare move embedded. Stop the server first.',
    )
    .usage('DATABASE_URL|embedded [options]')
    .argument('<to>', 'postgres://owner:password@host/database, or the word embedded')
    .option('--replace', 'remove what is in the database it is moved to')
    .option('--server-url <url>', 'the server’s own login there, when the owner may not create roles')
    .action((to: string, options: Options) => move(to, options, terminal));
}

async function move(to: string, options: Options, terminal: Terminal): Promise<void> {
  const at = installationOf(terminal.environment);
  const { DATABASE_URL, DATABASE_SERVER_URL } = at.config;
  const say = (text: string) => terminal.err(`${text}\n`);
  const back = to === 'embedded';
  if (!back && !to.startsWith('postgres'))
    throw new WrongInput('Say where to: a DATABASE_URL that begins with postgres://, or the word embedded.');
  if (back && !DATABASE_URL)
    throw new WrongInput('Set DATABASE_URL to the database that is to be moved back into the data folder.');
  if (DATABASE_URL === to) throw new WrongInput('That is the database in use already.');
  if (!back && !DATABASE_URL) await refuseMoved(at.data);
  const from = DATABASE_URL ? shownAddress(DATABASE_URL) : `the data folder ${at.data}`;
  const done = await withMark(at.data, 'move', from, async () => {
    const source = await (DATABASE_URL ? reachExternal(at, DATABASE_URL, DATABASE_SERVER_URL) : startAlone(at, say));
    try {
      const target = await (back ? startAlone(at, say) : reachExternal(at, to, options.serverUrl));
      try {
        const snapshot = await openSnapshot(source.owner, { alone: true });
        try {
          return await load(target.owner, fromSnapshot(snapshot), {
            replace: options.replace,
            serverRole: target.serverRole,
            onStep: say,
          });
        } finally {
          await snapshot.close();
        }
      } finally {
        await target.close();
      }
    } finally {
      await source.close();
    }
  });
  if (back) await forgetMoved(at.data);
  else if (!DATABASE_URL) await markMoved(at.data, shownAddress(to));
  const next = back
    ? 'Unset DATABASE_URL and start Fanfare.'
    : `Set DATABASE_URL to the new address${options.serverUrl ? ' and DATABASE_SERVER_URL to its server login' : ''}, keep FANFARE_DATA (the secret and the media are there), and start Fanfare.`;
  terminal.out(
    `${done.rows.toLocaleString('en')} rows of ${done.tables} tables were moved and compared one by one. What they were moved from is as it was; do not start Fanfare on it again.\n${next}\n`,
  );
}
