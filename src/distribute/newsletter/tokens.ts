import { timingSafeEqual } from 'node:crypto';
import type { Secrets } from '#src/secrets.ts';

/** What a link lets its holder do: ask to join a list, confirm that, leave again, read a letter, stop a report. */
export type LinkPurpose = 'join' | 'confirm' | 'leave' | 'read' | 'report';

/**
 * What stands in a link: workspace, row and a signature over both and the purpose, 64 characters. It needs no table,
 * cannot be guessed or made for another row, and one purpose's does not fit another.
 */
export function linkToken(secrets: Secrets, purpose: LinkPurpose, workspaceId: string, row: string): string {
  return Buffer.concat([bytesOf(workspaceId), bytesOf(row), signature(secrets, purpose, workspaceId, row)]).toString(
    'base64url',
  );
}

/** The workspace and row a token was made for; null for everything that we did not make for this purpose. */
export function openLinkToken(
  secrets: Secrets,
  purpose: LinkPurpose,
  token: string,
): { workspaceId: string; row: string } | null {
  if (!/^[A-Za-z0-9_-]{64}$/.test(token)) return null;
  const bytes = Buffer.from(token, 'base64url');
  const workspaceId = uuidOf(bytes.subarray(0, 16));
  const row = uuidOf(bytes.subarray(16, 32));
  const right = timingSafeEqual(bytes.subarray(32), signature(secrets, purpose, workspaceId, row));
  return right ? { workspaceId, row } : null;
}

function signature(secrets: Secrets, purpose: LinkPurpose, workspaceId: string, row: string): Buffer {
  return Buffer.from(secrets.fingerprint(`letter link ${purpose}`, `${workspaceId} ${row}`), 'hex').subarray(0, 16);
}

function bytesOf(uuid: string): Buffer {
  return Buffer.from(uuid.replaceAll('-', ''), 'hex');
}

function uuidOf(bytes: Buffer): string {
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
