/**
 * Record keys: 13 characters of base32 that sort by time (atproto.com/specs/tid, read November 2026). 53 bits of
 * microseconds and 10 bits that tell apart what was made in the same one.
 */
import { createHash } from 'node:crypto';

const DIGITS = '234567abcdefghijklmnopqrstuvwxyz';
const LENGTH = 13;

/**
 * The key of the record that `idempotencyKey` stands for: the same for every attempt, so that writing it twice is
 * writing it once. The platform's clock has no microseconds we know of, so the hash of the key fills them.
 */
export function tidOf(firstTriedAt: Date, idempotencyKey: string): string {
  const hash = createHash('sha256').update(idempotencyKey).digest().readUInt32BE();
  const micros = BigInt(firstTriedAt.getTime()) * 1000n + BigInt(hash % 1000);
  let rest = (micros << 10n) | BigInt(Math.floor(hash / 1000) % 1024);
  let tid = '';
  for (let at = 0; at < LENGTH; at += 1) {
    tid = DIGITS.charAt(Number(rest & 31n)) + tid;
    rest >>= 5n;
  }
  return tid;
}

/** When a record with this key was made; null for a key that is no TID. */
export function timeOfTid(tid: string): Date | null {
  if (!/^[234567a-j][234567a-z]{12}$/.test(tid)) return null;
  let value = 0n;
  for (const digit of tid) value = (value << 5n) | BigInt(DIGITS.indexOf(digit));
  return new Date(Number((value >> 10n) / 1000n));
}
