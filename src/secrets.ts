import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where a sealed value stands. It is bound to its place: moved to another row or column it does not open. */
export type Place = { table: string; row: string; column: string };

export type Secrets = {
  /** `v1.<key id>.<iv, ciphertext and tag>`: AES-256-GCM, a random 96-bit IV, the place as additional data. */
  seal(place: Place, text: string): string;
  /**
   * Opens what `seal` made, under whichever key; throws a plain sentence when it was sealed with another secret, or at
   * another place.
   */
  open(place: Place, sealed: string): string;
  /** HMAC-SHA-256, hex, under a key of its own: for values to be compared but not kept (e-mail addresses). Lasting. */
  fingerprint(purpose: string, text: string): string;
  /** A key derived for one purpose, base64url. Another secret gives another key. */
  derive(purpose: string): string;
  /** The same for what was given out and has to stay as it is when the secret is replaced, e.g. the tracker's name. */
  lasting(purpose: string): string;
  /** The keys that seal and open; see docs/decisions/0009-keys.md. */
  keys: Keys;
};

export type Keys = {
  /** The id of the key that seals. */
  current(): string;
  /** The id of a key that nobody used before. */
  make(): string;
  /** Whether this id is a key of the secret in force; one of the secret before it opens, and does not seal. */
  isOwn(id: string): boolean;
  /** Whether the secret that was in force before was given. */
  hasBefore: boolean;
  /** Whether this id is a key of that one. */
  isBefore(id: string): boolean;
  /** Seals with this key from now on; it must be one of our own. */
  sealWith(id: string): void;
  /** The secret that lasting values are made of, in base64, when it is not the one in force. */
  first(): string | null;
  keepFirst(secret: string): void;
};

/** What begins every envelope that this key sealed. */
export function envelopeOf(keyId: string): string {
  return `v1.${keyId}.`;
}

/** A random token of `bytes` random bytes, base64url. The one source of randomness for anything secret. */
export function randomToken(bytes = 32): string {
  return randomBytes(bytes).toString('base64url');
}

/** SHA-256, hex: how tokens with 256 random bits are kept. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/**
 * Opens the installation's secret: the given one, or the one in the data folder, made at the first start (mode 0600).
 * `before` is the one that was in force until now; what it sealed opens as well.
 */
export async function openSecrets(options: {
  given?: string | undefined;
  before?: string | undefined;
  data: string;
}): Promise<Secrets> {
  const before = options.before ? rootOf(options.before, 'FANFARE_SECRET_BEFORE') : undefined;
  const root = rootOf(options.given ?? (await keptSecret(options.data)), 'FANFARE_SECRET');
  if (before?.equals(root))
    throw new Error('FANFARE_SECRET_BEFORE is the secret in force. Leave it out, or set a new FANFARE_SECRET.');
  const keyOf = keyring([root, ...(before ? [before] : [])]);
  let first = before ?? root;
  let sealing = firstKeyId(root);
  return {
    seal(place, text) {
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', keyOf(sealing)!.key, iv, { authTagLength: 16 });
      cipher.setAAD(nameOf(place));
      const sealed = Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return `${envelopeOf(sealing)}${sealed.toString('base64url')}`;
    },
    open(place, sealed) {
      const [version, id = '', body] = sealed.split('.');
      const bytes = Buffer.from(body ?? '', 'base64url');
      if (version !== 'v1' || bytes.length < 28) throw new Error('This is not a sealed value.');
      const found = keyOf(id);
      if (!found)
        throw new Error(
          'A stored credential was sealed with another secret. Start with the FANFARE_SECRET it was stored under, or give that one as FANFARE_SECRET_BEFORE.',
        );
      const decipher = createDecipheriv('aes-256-gcm', found.key, bytes.subarray(0, 12), { authTagLength: 16 })
        .setAAD(nameOf(place))
        .setAuthTag(bytes.subarray(-16));
      try {
        return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString('utf8');
      } catch {
        throw new Error(`A stored credential (${place.table}.${place.column}) was changed or moved and does not open.`);
      }
    },
    fingerprint: (purpose, text) =>
      createHmac('sha256', derived(first, `fingerprint ${purpose}`))
        .update(text)
        .digest('hex'),
    derive: (purpose) => derived(root, `derived ${purpose}`).toString('base64url'),
    lasting: (purpose) => derived(first, `derived ${purpose}`).toString('base64url'),
    keys: {
      current: () => sealing,
      make: () => laterKeyId(root, randomBytes(8)),
      isOwn: (id) => keyOf(id)?.root === root,
      hasBefore: before !== undefined,
      isBefore: (id) => before !== undefined && keyOf(id)?.root === before,
      sealWith(id) {
        if (keyOf(id)?.root !== root) throw new Error('A key of another secret cannot seal.');
        sealing = id;
      },
      first: () => (first.equals(root) ? null : first.toString('base64')),
      keepFirst(secret) {
        first = rootOf(secret, 'The first secret');
      },
    },
  };
}

/**
 * A key is derived from the secret and from its id, so whoever holds the secret has every key as soon as it sees the
 * id. An id ends in a check of its key: that is how one of another secret is recognised.
 */
function keyring(roots: Buffer[]): (id: string) => { key: Buffer; root: Buffer } | undefined {
  const known = new Map<string, { key: Buffer; root: Buffer }>();
  return (id) => {
    const kept = known.get(id);
    if (kept) return kept;
    for (const root of roots) {
      if (id !== firstKeyId(root) && (id.length !== 24 || id !== laterKeyId(root, Buffer.from(id.slice(0, 16), 'hex'))))
        continue;
      const key = id.length === 24 ? laterKey(root, Buffer.from(id.slice(0, 16), 'hex')) : firstKey(root);
      known.set(id, { key, root });
      return { key, root };
    }
    return undefined;
  };
}

const SEALING = 'sealing v1';
const firstKey = (root: Buffer) => derived(root, SEALING);
const laterKey = (root: Buffer, salt: Buffer) => derived(root, SEALING, salt);
const checkOf = (key: Buffer) => createHash('sha256').update(key).digest('hex').slice(0, 8);
const firstKeyId = (root: Buffer) => checkOf(firstKey(root));
const laterKeyId = (root: Buffer, salt: Buffer) => salt.toString('hex') + checkOf(laterKey(root, salt));

function derived(root: Buffer, purpose: string, salt: Buffer | string = ''): Buffer {
  return Buffer.from(hkdfSync('sha256', root, salt, `fanfare ${purpose}`, 32));
}

function rootOf(text: string, name: string): Buffer {
  const root = Buffer.from(text.trim(), 'base64');
  if (root.length < 32)
    throw new Error(`${name} must be at least 32 bytes in base64. Make one with: openssl rand -base64 32`);
  return root;
}

function nameOf(place: Place): Buffer {
  return Buffer.from(`${place.table}:${place.row}:${place.column}`);
}

async function keptSecret(data: string): Promise<string> {
  const path = join(data, 'secret.key');
  await mkdir(data, { recursive: true });
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(`${randomBytes(32).toString('base64')}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return readFile(path, 'utf8');
}
