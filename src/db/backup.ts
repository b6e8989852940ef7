/** Everything of an installation in one file, and back; the form of the file is in docs/backup-format.md. */
export { type BackupFile, type Beside, openBackup, type Written, writeBackup } from './backup/file.ts';
export { type Loaded, type LoadOptions, load, type Source } from './backup/load.ts';
export { forgetMoved, markMoved, refuseMoved, takeUnfinished, withMark } from './backup/marks.ts';
export { openSnapshot, type Snapshot } from './backup/snapshot.ts';

import type { Contents } from './backup/contents.ts';
import type { Tally } from './backup/copy.ts';
import type { BackupFile } from './backup/file.ts';
import type { Source } from './backup/load.ts';
import type { Snapshot } from './backup/snapshot.ts';

/** A file as what a database is filled from. */
export function fromFile(file: BackupFile): Source {
  const find = ({ schema, name }: { schema: string; name: string }): Contents['tables'][number] =>
    file.contents.tables.find((table) => table.schema === schema && table.name === name)!;
  return {
    head: file.contents,
    rows: (table) => file.rows(find(table)),
    isEmpty: (table) => find(table).rows === 0,
    tally: (table) => find(table),
  };
}

/** Another database, as it stands in the snapshot. */
export function fromSnapshot(snapshot: Snapshot): Source {
  const tallies = new Map<object, () => Tally>();
  return {
    head: snapshot.head,
    rows(table) {
      const { chunks, tally } = snapshot.rows(table);
      tallies.set(table, tally);
      return chunks;
    },
    isEmpty: () => false,
    tally: (table) => tallies.get(table)!(),
  };
}
