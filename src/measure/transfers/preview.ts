import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { type Context, transaction } from '#src/context.ts';
import { refuse } from '#src/refusal.ts';
import { previewCsv } from './csv.ts';
import { previewDays } from './days.ts';
import { readManifest, whyNotHere } from './restore.ts';
import { type Content, fileOf, type ImportFormat, transferOf } from './store.ts';
import { readRows } from './text.ts';
import { previewUmami } from './umami.ts';
import { previewXArchive } from './x-archive.ts';
import { isZip, openZip } from './zip-read.ts';

export type Asked = {
  format?: ImportFormat | undefined;
  content?: Content | undefined;
  columns?: Record<string, string> | undefined;
};

/** What would be brought in. Nothing is written by looking. */
export type Preview = {
  format: ImportFormat;
  content: Content | null;
  /** Sentences on what was found. */
  found: string[];
  /** Of a CSV: the file's columns, its first rows, which of them is what (ours → the file's), what is missing. */
  head: string[];
  rows: string[][];
  columns: Record<string, string>;
  missing: string[];
  /** Rows that would not be taken, as far as the look went. */
  refused: { file: string; line: number; reason: string }[];
  /** Why it cannot be brought in here; null when it can. */
  obstacle: string | null;
};

/** Looks into an uploaded file: what it is, by its content rather than its name, and what would come of it. */
export async function preview(context: Context, transferId: string, asked: Asked): Promise<Preview> {
  const { state } = await transaction(context, (inside) => transferOf(inside, transferId));
  if (state !== 'uploaded')
    throw refuse('conflict', 'started', 'This file is being brought in or was brought in already.');
  const path = await fileOf(context, transferId);
  if (!(await stat(path).catch(() => null)))
    throw refuse('conflict', 'file_gone', 'The file is not here any more: it is kept for a week. Send it again.');
  const format = asked.format ?? (await recognise(path));
  const nothing = { format, content: null, head: [], rows: [], columns: {}, missing: [], refused: [], obstacle: null };
  if (format === 'x_archive') {
    const { handle, posts, threads, replies, reposts, media } = await previewXArchive(path);
    const counts = `${posts} posts of @${handle}, ${threads} of them threads; ${replies} replies to others; ${reposts} reposts and ${media} pictures and videos are left out.`;
    return { ...nothing, found: [counts] };
  }
  if (format === 'umami') {
    const { files, columns } = await previewUmami(path);
    return { ...nothing, head: columns, found: [`Events of Umami in ${files.join(', ')}, row by row.`] };
  }
  if (format === 'archive') {
    const zip = await openZip(path);
    try {
      const manifest = await readManifest(zip);
      const rows = manifest.tables.reduce((sum, table) => sum + table.rows, 0);
      return {
        ...nothing,
        found: [
          `An export of “${manifest.workspace.name}” of ${manifest.made.slice(0, 10)}: ${rows.toLocaleString('en')} rows in ${manifest.tables.length} tables.`,
        ],
        obstacle: await transaction(context, (inside) => whyNotHere(inside, manifest, transferId)),
      };
    } finally {
      zip.close();
    }
  }
  if (format === 'csv') {
    const { head, rows, content, columns, missing } = await previewCsv(path, {
      content: asked.content ?? null,
      ...(asked.columns ? { columns: asked.columns } : {}),
    });
    const found = content
      ? []
      : ['Its columns do not say what its rows are. Choose what they are, and which column is what.'];
    return { ...nothing, content, head, rows, columns, missing, found };
  }
  const { files, from, until, dimensions, totals, refused, said } = await previewDays(format, path);
  return {
    ...nothing,
    found: [
      from === null
        ? 'No days were found in it.'
        : `Days from ${from} to ${until}: ${totals.toLocaleString('en')} totals of ${dimensions.join(', ')} from ${files.join(', ')}.`,
      ...said,
    ],
    refused: refused.slice(0, 20),
  };
}

/** What kind of file it is, by what lies in it. */
export async function recognise(path: string): Promise<ImportFormat> {
  if (await isZip(path)) {
    const zip = await openZip(path);
    const has = (name: RegExp) => zip.parts.some((part) => name.test(part.name));
    zip.close();
    if (has(/^manifest\.json$/)) return 'archive';
    if (has(/(^|\/)data\/tweets?(-part\d+)?\.js$/)) return 'x_archive';
    if (has(/(^|\/)imported_[a-z_]+.*\.csv$/)) return 'plausible';
    if (has(/(^|\/)(website_)?events?[^/]*\.csv$/i)) return 'umami';
    throw refuse(
      'invalid',
      'unknown_file',
      'This zip file is no X archive, no export of Plausible, Umami or Fanfare. A table has to be sent as a CSV file.',
    );
  }
  for await (const { cells } of readRows(createReadStream(path))) {
    const head = cells.map((cell) =>
      cell
        .replace(/^\uFEFF/, '')
        .trim()
        .toLowerCase(),
    );
    if (head[0]?.startsWith('#')) return 'google_analytics';
    if (head.every((cell) => cell === '')) continue;
    return ['session_id', 'url_path', 'created_at'].every((name) => head.includes(name)) ? 'umami' : 'csv';
  }
  throw refuse('invalid', 'empty_file', 'This file is empty.');
}
