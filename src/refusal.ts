/** What a caller can mend, said for people. Every door turns it into its own form; anything else is a fault. */
export type RefusalKind =
  | 'invalid'
  | 'unauthorised'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'too_many'
  | 'unavailable';

export class Refusal extends Error {
  readonly kind: RefusalKind;
  /** A stable name for programs, e.g. `page_unreachable`. */
  readonly reason: string;

  constructor(kind: RefusalKind, reason: string, message: string) {
    super(message);
    this.name = 'Refusal';
    this.kind = kind;
    this.reason = reason;
  }
}

/** `throw refuse('conflict', 'post_changed', 'This post was changed meanwhile. Reload it and edit again.')` */
export function refuse(kind: RefusalKind, reason: string, message: string): Refusal {
  return new Refusal(kind, reason, message);
}

/** For rows of another workspace as for rows that never were: the same answer. */
export function notFound(what: string): Refusal {
  return new Refusal('not_found', 'not_found', `There is no ${what} with this id in this workspace.`);
}
