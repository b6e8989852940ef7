import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { SchemaElement } from 'hyparquet';
import type { Cells, Column, ColumnKind } from './tables.ts';
import { csvCell, readLines, readRows } from './text.ts';

export const formats = ['ndjson', 'csv', 'parquet'] as const;
export type Format = (typeof formats)[number];

/** A row on its way in: an object of the database's own JSON, as text. `line` counts from 1 as an editor does. */
export type Told = { line: number; json: string };

/** A row of an archive may hold a whole page's text. */
const LONGEST = 50_000_000;

/** A table's rows in a format, as the bytes of its file. `aside` is where a file may be put meanwhile. */
export async function* written(
  format: Format,
  columns: Column[],
  batches: AsyncIterable<Cells[]>,
  aside: string,
): AsyncGenerator<Uint8Array> {
  if (format === 'parquet') yield* writtenAsParquet(columns, batches, aside);
  else if (format === 'csv') {
    yield Buffer.from(`${columns.map(({ name }) => name).join(',')}\n`);
    for await (const rows of batches)
      yield Buffer.from(`${rows.map((cells) => cells.map(csvCell).join(',')).join('\n')}\n`);
  } else
    for await (const rows of batches)
      yield Buffer.from(`${rows.map((cells) => objectOf(columns, cells)).join('\n')}\n`);
}

/** A row as JSON. Money and large numbers are texts: most readers would round them. */
function objectOf(columns: readonly Column[], cells: Cells): string {
  const fields = columns.map(({ name, kind }, at) => `${JSON.stringify(name)}:${jsonOf(kind, cells[at] ?? null)}`);
  return `{${fields.join(',')}}`;
}

function jsonOf(kind: ColumnKind, text: string | null): string {
  if (text === null) return 'null';
  if (kind === 'json' || kind === 'integer' || kind === 'boolean') return text;
  return kind === 'float' && Number.isFinite(Number(text)) ? text : JSON.stringify(text);
}

const PARQUET: Record<ColumnKind, Pick<SchemaElement, 'type' | 'converted_type'>> = {
  integer: { type: 'INT32' },
  bigint: { type: 'INT64' },
  float: { type: 'DOUBLE' },
  boolean: { type: 'BOOLEAN' },
  moment: { type: 'INT64', converted_type: 'TIMESTAMP_MICROS' },
  exact: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  json: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
};

async function* writtenAsParquet(columns: Column[], batches: AsyncIterable<Cells[]>, aside: string) {
  const { fileWriter, ParquetWriter } = await import('hyparquet-writer');
  const schema: SchemaElement[] = [
    { name: 'root', num_children: columns.length },
    ...columns.map(({ name, kind }) => ({ name, repetition_type: 'OPTIONAL' as const, ...PARQUET[kind] })),
  ];
  try {
    const writer = new ParquetWriter({ writer: fileWriter(aside), schema, createdBy: 'fanfare' });
    for await (const rows of batches)
      await writer.write({
        columnData: columns.map(({ name, kind }, at) => ({
          name,
          data: rows.map((cells) => packed(kind, cells[at] ?? null)),
        })),
        rowGroupSize: rows.length,
      });
    await writer.finish();
    for await (const piece of createReadStream(aside)) yield piece as Uint8Array;
  } finally {
    await rm(aside, { force: true });
  }
}

function packed(kind: ColumnKind, text: string | null): string | number | bigint | boolean | null {
  if (text === null) return null;
  if (kind === 'integer' || kind === 'float') return Number(text);
  if (kind === 'bigint') return BigInt(text);
  if (kind === 'boolean') return text === 'true';
  return kind === 'moment' ? microseconds(text) : text;
}

/** `2026-11-22T09:00:00.123456Z` in microseconds since 1970. */
function microseconds(text: string): bigint {
  const [, moment = '', fraction = ''] = /^(.*)\.(\d{6})Z$/.exec(text) ?? [];
  return BigInt(Date.parse(`${moment}Z`)) * 1000n + BigInt(fraction);
}

function momentOf(micros: bigint): string {
  const rest = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const seconds = new Date(Number((micros - rest) / 1000n)).toISOString().slice(0, 19);
  return `${seconds}.${String(rest).padStart(6, '0')}Z`;
}

/** Reads a table's file back. `path` is a file on disk: Parquet is read from its end. */
export async function* told(format: Format, columns: readonly Column[], path: string): AsyncGenerator<Told> {
  if (format === 'parquet') yield* toldByParquet(columns, path);
  else if (format === 'csv') yield* toldByCsv(columns, path);
  else
    for await (const { line, text } of readLines(createReadStream(path)))
      if (text.trim() !== '') yield { line, json: text };
}

async function* toldByCsv(columns: readonly Column[], path: string): AsyncGenerator<Told> {
  const kinds = new Map(columns.map(({ name, kind }) => [name, kind]));
  let head: string[] | null = null;
  for await (const { line, cells, quoted } of readRows(createReadStream(path), { separator: ',', longest: LONGEST })) {
    if (head === null) head = cells;
    else if (cells.length !== head.length) yield { line, json: '' };
    else {
      const fields = head.map((name, at) => {
        const cell = cells[at] ?? '';
        return `${JSON.stringify(name)}:${cell === '' && !quoted[at] ? 'null' : jsonOf(kinds.get(name) ?? 'text', cell)}`;
      });
      yield { line, json: `{${fields.join(',')}}` };
    }
  }
}

async function* toldByParquet(columns: readonly Column[], path: string): AsyncGenerator<Told> {
  const { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } = await import('hyparquet');
  const file = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file);
  const kinds = new Map(columns.map(({ name, kind }) => [name, kind]));
  const parsers = { timestampFromMicroseconds: momentOf };
  let from = 0;
  for (const group of metadata.row_groups) {
    const until = from + Number(group.num_rows);
    const rows = await parquetReadObjects({ file, metadata, parsers, rowStart: from, rowEnd: until });
    for (const [at, row] of rows.entries()) {
      const fields = Object.entries(row).map(
        ([name, value]) =>
          `${JSON.stringify(name)}:${value == null ? 'null' : jsonOf(kinds.get(name) ?? 'text', String(value))}`,
      );
      yield { line: from + at + 1, json: `{${fields.join(',')}}` };
    }
    from = until;
  }
}
