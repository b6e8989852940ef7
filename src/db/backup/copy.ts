import { hash } from 'node:crypto';
import type pg from 'pg';

/** What went through: how many rows, and a sum over them that does not depend on their order. */
export type Tally = { rows: number; digest: string };

type Connection = {
  stream: NodeJS.ReadWriteStream & { writableNeedDrain: boolean };
  query(text: string): void;
  sendCopyFromChunk(chunk: Uint8Array): void;
  endCopyFrom(): void;
  sendCopyFail(reason: string): void;
};

/** Signature, flags and length of the extension, at the beginning of every binary COPY (PostgreSQL manual, COPY). */
const HEAD = 19;
const CHUNK = 64 * 1024;
/** So much may wait for its reader before the server is asked to wait, in bytes. */
const AHEAD = 1024 * 1024;

/**
 * Rows in PostgreSQL's binary form, in chunks of 64 kB; `tally` is complete when the last one has been read. The server
 * sends one message per row (manual, 54.2.7), so a row is known without reading its columns. Never more than a megabyte
 * waits here.
 */
export function copyOut(client: pg.Client, select: string, tally: Counter = counter()): AsyncIterable<Buffer> {
  return new CopyOut(`copy (${select}) to stdout (format binary)`, tally).start(client);
}

/** Counts rows without keeping them. */
export async function tallyOf(client: pg.Client, select: string): Promise<Tally> {
  const tally = counter();
  for await (const _ of copyOut(client, select, tally));
  return tally.result();
}

/** Sends rows in binary form into a table; returns when the server has taken the last one. */
export function copyIn(client: pg.Client, into: string, rows: AsyncIterable<Uint8Array>): Promise<void> {
  return new Promise((resolve, reject) => {
    client.query(
      new CopyIn(`copy ${into} from stdin (format binary)`, rows, resolve, reject) as unknown as pg.Submittable,
    );
  });
}

export type Counter = { add(row: Uint8Array): void; result(): Tally };

/**
 * Adds up the SHA-256 of each row, its first 16 bytes as four numbers modulo 2^32: two tables have the same sum when they
 * hold the same rows, however often each.
 */
export function counter(): Counter {
  let rows = 0;
  const sum = new Uint32Array(4);
  return {
    add(row) {
      const digest = hash('sha256', row, 'buffer');
      for (let at = 0; at < 4; at++) sum[at] = sum[at]! + digest.readUInt32LE(at * 4);
      rows += 1;
    },
    result: () => ({ rows, digest: [...sum].map((part) => part.toString(16).padStart(8, '0')).join('') }),
  };
}

/** A query as `pg` runs it: it calls these as the server's messages come. */
class CopyOut {
  readonly text: string;
  readonly tally: Counter;
  /** Finished chunks that nobody has read yet, and the one being filled. */
  readonly full: Buffer[] = [];
  filling = Buffer.allocUnsafe(CHUNK);
  filled = 0;
  waiting = 0;
  begun = false;
  over = false;
  failure: Error | undefined;
  paused: NodeJS.ReadWriteStream | undefined;
  wake: (() => void) | undefined;

  constructor(text: string, tally: Counter) {
    this.text = text;
    this.tally = tally;
  }

  async *start(client: pg.Client): AsyncGenerator<Buffer> {
    client.query(this as unknown as pg.Submittable);
    try {
      for (;;) {
        const chunk = this.full.shift();
        if (chunk) {
          this.waiting -= chunk.length;
          if (this.paused && this.waiting < AHEAD / 2) this.goOn();
          yield chunk;
        } else if (this.failure) throw this.failure;
        else if (this.over) return;
        else
          await new Promise<void>((resolve) => {
            this.wake = resolve;
          });
      }
    } finally {
      // Whoever stops reading early leaves the rest to be thrown away, or the connection would stand still.
      this.full.length = 0;
      this.waiting = Number.NEGATIVE_INFINITY;
      this.goOn();
    }
  }

  submit(connection: Connection): void {
    connection.query(this.text);
  }

  handleCopyData({ chunk }: { chunk: Buffer }, connection: Connection): void {
    const row = this.begun ? chunk : chunk.subarray(HEAD);
    this.begun = true;
    // The end is a message of its own: -1 in place of a count of columns.
    if (row.length > 2) this.tally.add(row);
    this.keep(chunk);
    if (this.waiting < AHEAD || this.paused) return;
    this.paused = connection.stream;
    connection.stream.pause();
  }

  handleCommandComplete(): void {
    this.flush();
  }

  handleReadyForQuery(): void {
    this.over = true;
    this.wake?.();
  }

  handleError(error: Error): void {
    this.failure = error;
    this.wake?.();
  }

  handleRowDescription(): void {}
  handleDataRow(): void {}
  handleEmptyQuery(): void {}

  /** Copied at once: the bytes lie in a buffer that the connection uses again. */
  private keep(chunk: Buffer): void {
    for (let from = 0; from < chunk.length; ) {
      const copied = chunk.copy(this.filling, this.filled, from);
      from += copied;
      this.filled += copied;
      if (this.filled === CHUNK) this.flush();
    }
  }

  private flush(): void {
    if (this.filled === 0) return;
    const chunk = this.filling.subarray(0, this.filled);
    this.filling = Buffer.allocUnsafe(CHUNK);
    this.filled = 0;
    this.full.push(chunk);
    this.waiting += chunk.length;
    this.wake?.();
  }

  private goOn(): void {
    this.paused?.resume();
    this.paused = undefined;
  }
}

class CopyIn {
  readonly text: string;
  readonly rows: AsyncIterable<Uint8Array>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  failure: Error | undefined;
  /** Why we stopped sending; it is the cause of what the server then says. */
  own: Error | undefined;

  constructor(text: string, rows: AsyncIterable<Uint8Array>, resolve: () => void, reject: (error: Error) => void) {
    this.text = text;
    this.rows = rows;
    this.resolve = resolve;
    this.reject = reject;
  }

  submit(connection: Connection): void {
    connection.query(this.text);
  }

  handleCopyInResponse(connection: Connection): void {
    this.send(connection).then(
      () => connection.endCopyFrom(),
      (error: Error) => {
        this.own = error;
        connection.sendCopyFail('The rows could not be read.');
      },
    );
  }

  handleError(error: Error): void {
    this.failure = this.own ?? error;
    this.reject(this.failure);
  }

  handleReadyForQuery(): void {
    if (!this.failure) this.resolve();
  }

  handleCommandComplete(): void {}
  handleRowDescription(): void {}
  handleDataRow(): void {}
  handleEmptyQuery(): void {}

  private async send(connection: Connection): Promise<void> {
    for await (const chunk of this.rows) {
      if (this.failure) return;
      connection.sendCopyFromChunk(chunk);
      if (connection.stream.writableNeedDrain) await drained(connection.stream);
    }
  }
}

/** A connection that ends while it is full will never be empty. */
function drained(stream: NodeJS.ReadWriteStream): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.off('drain', done).off('close', done);
      resolve();
    };
    stream.on('drain', done).on('close', done);
  });
}
