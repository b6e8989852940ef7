import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Refused } from './payment.ts';

/** Hex HMAC-SHA256 of the parts, one after another. */
export function hmacHex(secret: string, ...parts: (string | Uint8Array)[]): string {
  const hmac = createHmac('sha256', secret);
  for (const part of parts) hmac.update(part);
  return hmac.digest('hex');
}

/** Whether two texts are equal, in a time that tells nothing about where they differ or how long they are. */
export function sameText(one: string, other: string): boolean {
  const digest = (value: string) => createHash('sha256').update(value).digest();
  return timingSafeEqual(digest(one), digest(other));
}

/** The body as JSON; undefined when it is none. */
export function jsonOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) as unknown;
  } catch {
    return undefined;
  }
}

export function refused(reason: Refused['reason'], message: string): Refused {
  return { ok: false, reason, message };
}
