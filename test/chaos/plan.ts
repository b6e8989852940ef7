/** What can go wrong, as fast-check draws it. Moments are milliseconds of the machine, unless they are named otherwise. */
import fc from 'fast-check';

/** So much faster than the machine's is the clock of all processes: a lease of 60 s lasts one. */
export const FACTOR = 60;

const few = fc.integer({ min: 1, max: 3 });
const target = fc.constantFrom('create', 'create', 'read', 'any');
/** How late is late, in milliseconds of the fake's clock: the engine looks for 65 s after the call. */
const onClock = (seconds: number) => fc.integer({ min: 1_000, max: seconds * 1_000 });

/** True once in so many. Without fast-check's liking for small numbers. */
const onceIn = (n: number) => fc.noBias(fc.integer({ min: 1, max: n })).map((drawn) => drawn === 1);
/** A moment up to `max`, once in so many times. */
const rarely = (n: number, max: number) =>
  fc.tuple(onceIn(n), fc.integer({ min: 0, max })).map(([so, moment]) => (so ? moment : null));

/** Each is a call of the fake's control (test/fakes/x/control.ts). */
const fault = fc.oneof(
  fc.record({ name: fc.constant('loseAnswers'), n: few, target }),
  // Given up after 400 ms (publisher.ts).
  fc.record({ name: fc.constant('answerSlowly'), n: few, ms: fc.integer({ min: 20, max: 900 }), target }),
  fc.record({ name: fc.constant('commitLate'), n: few, ms: onClock(30) }),
  fc.record({ name: fc.constant('answerTwice'), n: few }),
  fc.record({ name: fc.constant('hearTwice'), n: fc.integer({ min: 1, max: 2 }) }),
  fc.record({ name: fc.constant('rateLimit'), n: few, resetSeconds: fc.integer({ min: 10, max: 120 }), target }),
  fc.record({ name: fc.constant('failBefore'), n: few, status: fc.constantFrom(500, 503), target }),
  fc.record({ name: fc.constant('failAfter'), n: few, status: fc.constantFrom(502, 503), target }),
);

/** One post or thread on one account, and what its X does meanwhile. */
const round = fc.record({
  parts: fc.integer({ min: 1, max: 4 }),
  firstReply: onceIn(4),
  faults: fc.array(fault, { maxLength: 3 }),
  /** The first part stands there already, by hand: X answers 403, duplicate content. */
  duplicate: onceIn(8),
  /** The timeline shows what is new so much later, in milliseconds of the fake's clock. */
  lag: fc.oneof(fc.constant(0), fc.constant(0), onClock(15)),
  /** The person takes the access away then, and connects again. */
  revoked: rarely(15, 700),
});
export type Round = typeof round extends fc.Arbitrary<infer T> ? T : never;

const soon = fc.oneof(fc.integer({ min: 0, max: 250 }), fc.integer({ min: 0, max: 1500 }));

/** Rounds that are played at the same time, by processes that die. */
export const heat = (lanes: number) =>
  fc.record({
    rounds: fc.array(round, { minLength: lanes, maxLength: lanes }),
    /** How many processes publish. */
    workers: onceIn(3).map((two) => (two ? 2 : 1)),
    /** A publisher is killed so long after the posts are due, and each next one so long after the one before. */
    deaths: fc.array(soon, { minLength: 1, maxLength: 3 }),
    /** X itself is killed then, and comes back. */
    xDies: rarely(6, 500),
    /** So is the database, where there is one of our own. */
    databaseDies: rarely(6, 700),
  });
export type Heat = ReturnType<typeof heat> extends fc.Arbitrary<infer T> ? T : never;
