/** What keeps the database or the disk from doing anything at all, whatever was asked of it. */
export type Trouble = 'away' | 'full';

/** A disk that takes nothing more: of the operating system, and PostgreSQL's `disk_full`. */
const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', '53100']);
/** `too_many_connections`, and sockets that are not there or broke. Calls elsewhere never throw these (outside/http.ts). */
const AWAY = new Set(['53300', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN']);
/** The driver has no code for these. */
const BROKEN =
  /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect)/;

/** The trouble behind an error; null when it is about what was asked. Classes 08 and 57P: PostgreSQL, appendix A. */
export function troubleOf(error: unknown): Trouble | null {
  for (let one = error, depth = 0; one instanceof Error && depth < 5; one = one.cause, depth++) {
    const { code = '', syscall } = one as { code?: unknown; syscall?: unknown };
    const named = String(code);
    if (FULL.has(named)) return 'full';
    if (AWAY.has(named) || named.startsWith('08') || named.startsWith('57P') || BROKEN.test(one.message)) return 'away';
    // The embedded server's socket is a file.
    if (named === 'ENOENT' && syscall === 'connect') return 'away';
  }
  return null;
}
