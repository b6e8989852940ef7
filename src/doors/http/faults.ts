import { type Trouble, troubleOf } from '#src/db/trouble.ts';
import { requestId } from '#src/trail.ts';

/** A fault as it is answered: nothing of its insides, and the id under which they stand in the log. */
export type Fault = { status: 500 | 503 | 507; code: string; message: string };

const TROUBLES: Record<Trouble, Omit<Fault, 'message'> & { words: string }> = {
  away: {
    status: 503,
    code: 'SERVICE_UNAVAILABLE',
    words: 'The database cannot be reached at the moment. Try again shortly.',
  },
  full: {
    status: 507,
    code: 'INSUFFICIENT_STORAGE',
    words: 'The server’s disk is full, so this was not kept. Free some space on it and try again.',
  },
};

/** What is answered to an error that nobody asked for. */
export function faultOf(error: unknown): Fault {
  const trouble = troubleOf(error);
  if (!trouble)
    return {
      status: 500,
      code: 'INTERNAL_SERVER_ERROR',
      message: `Something went wrong on our side; it is in the log under ${requestId()}.`,
    };
  const { status, code, words } = TROUBLES[trouble];
  return { status, code, message: words };
}
