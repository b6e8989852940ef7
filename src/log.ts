import { type DestinationStream, type Logger, pino } from 'pino';
import type { Config } from '#src/config.ts';
import { trail } from '#src/trail.ts';

/** The log: a line of JSON each, with the id of the request that it comes of. `to`: standard output if not given. */
export function openLog(level: Config['LOG_LEVEL'], to?: DestinationStream): Logger {
  const settings = {
    level,
    base: null,
    // PostgreSQL repeats the row that failed a check in its detail, and the statement in its context.
    redact: ['*.token', '*.password', '*.key', 'err.detail', 'err.where', 'err.internalQuery'],
    mixin: () => {
      const { requestId } = trail() ?? {};
      return requestId === undefined ? {} : { requestId };
    },
  };
  return to ? pino(settings, to) : pino(settings);
}
