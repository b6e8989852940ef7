import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where a sealed value stands. It is bound to its place: moved to another row or column it does not open. */
export type Place = { table: string; row: string; column: string };

export type Secrets = {
  /** `v1.<key id>.<iv, ciphertext and tag>`: AES-256-GCM, a random 96-bit IV, the place as additional data. */
  seal(place: Place, text: string): string;
  /** Opens what `seal` made; throws a plain sentence when the key or the place is not the one it was sealed with. */
  open(place: Place, sealed: string): string;
  /** HMAC-SHA-256, hex, under a key of its own: for values to be compared but not kept (e-mail addresses). */
  fingerprint(purpose: string, text: string): string;
  /** A key derived for one purpose, e.g. the sign-in library's own secret. Base64url. */
  derive(purpose: string): string;
};

/** A random token of `bytes` random bytes, base64url. The one source of randomness for anything secret. */
export function randomToken(bytes = 32): string {
  return randomBytes(bytes).toString('base64url');
}

/** SHA-256, hex: how tokens with 256 random bits are kept. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** Opens the installation's secret: the given one, or the one in the data folder, made at the first start (mode 0600). */
export async function openSecrets(options: { given?: string; data: string }): Promise<Secrets> {
  const root = options.given ? Buffer.from(options.given, 'base64') : await keptSecret(options.data);
  if (root.length < 32)
    throw new Error('FANFARE_SECRET must be at least 32 bytes in base64. Make one with: openssl rand -base64 32');
  const key = (purpose: string) => Buffer.from(hkdfSync('sha256', root, '', `fanfare ${purpose}`, 32));
  const sealing = key('sealing v1');
  const keyId = createHash('sha256').update(sealing).digest('hex').slice(0, 8);
  return {
    seal(place, text) {
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', sealing, iv, { authTagLength: 16 }).setAAD(nameOf(place));
      const sealed = Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return `v1.${keyId}.${sealed.toString('base64url')}`;
    },
    open(place, sealed) {
      const [version, id, body] = sealed.split('.');
      if (version !== 'v1' || !body) throw new Error('This is not a sealed value.');
      if (id !== keyId)
        throw new Error(
          'A stored credential was sealed with another secret. Start with the FANFARE_SECRET it was stored under.',
        );
      const bytes = Buffer.from(body, 'base64url');
      const decipher = createDecipheriv('aes-256-gcm', sealing, bytes.subarray(0, 12), { authTagLength: 16 })
        .setAAD(nameOf(place))
        .setAuthTag(bytes.subarray(-16));
      try {
        return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString('utf8');
      } catch {
        throw new Error(`A stored credential (${place.table}.${place.column}) was changed or moved and does not open.`);
      }
    },
    fingerprint: (purpose, text) =>
      createHmac('sha256', key(`fingerprint ${purpose}`))
        .update(text)
        .digest('hex'),
    derive: (purpose) => key(`derived ${purpose}`).toString('base64url'),
  };
}

function nameOf(place: Place): Buffer {
  return Buffer.from(`${place.table}:${place.row}:${place.column}`);
}

async function keptSecret(data: string): Promise<Buffer> {
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
  return Buffer.from((await readFile(path, 'utf8')).trim(), 'base64');
}
