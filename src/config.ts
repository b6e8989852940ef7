import { z } from 'zod';

/**
 * Every environment variable, parsed once, documented in place. The README's table is checked against this file.
 */
const environment = z.object({
  /** Where the embedded database, uploads and the installation's secret live. Default: `/var/lib/fanfare` as root, else `~/.local/share/fanfare`. */
  FANFARE_DATA: z.string().min(1).optional(),
  /** The port of the web page and the API. 0 takes a free one. */
  PORT: z.coerce.number().int().min(0).max(65535).default(3000),
  /** The address to listen on. Set `0.0.0.0` (behind a proxy) to be reached from elsewhere. */
  HOST: z.string().min(1).default('127.0.0.1'),
  /** What this process does: `all`, only the doors (`web`), or only the work that happens by itself (`worker`). */
  RUN: z.enum(['all', 'web', 'worker']).default('all'),
  /** The address under which people reach Fanfare; it stands in tracked links and OAuth callbacks. Default: `http://localhost:<PORT>`. */
  PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** How many proxies stand in front. So many entries at the end of `X-Forwarded-For` are believed; with 0 the header is not looked at, and everyone behind a proxy counts as one visitor. */
  TRUSTED_PROXIES: z.coerce.number().int().min(0).max(10).default(0),
  /** An external PostgreSQL (15 to 18), as its owner. Absent: the embedded one. */
  DATABASE_URL: z.string().startsWith('postgres').optional(),
  /** The server's own login on that PostgreSQL, when the owner may not create roles. */
  DATABASE_SERVER_URL: z.string().startsWith('postgres').optional(),
  /** The operating-system account the embedded database runs as when Fanfare is started by root. */
  FANFARE_DB_USER: z.string().min(1).default('nobody'),
  /** The installation's secret (32 bytes, base64). Absent: made once and kept in the data folder. Needed when several processes share one database. */
  FANFARE_SECRET: z.string().min(1).optional(),
  /** The model to ask: `openai`, `anthropic`, `google` or `openai-compatible`. Absent: the built-in analysis. Settings in the app come first. */
  AI_PROVIDER: z.enum(['openai', 'anthropic', 'google', 'openai-compatible']).optional(),
  /** Base address of the model server, for `openai-compatible` (Ollama, LM Studio) or a proxy. */
  AI_BASE_URL: z.url().optional(),
  /** Name of the model. */
  AI_MODEL: z.string().min(1).optional(),
  /** Key for the model; local servers need none. */
  AI_API_KEY: z.string().min(1).optional(),
  /** Base address of the X API. */
  X_API_URL: z.url().default('https://api.x.com'),
  /** X's page where a person agrees to connect. */
  X_AUTHORIZE_URL: z.url().default('https://x.com/i/oauth2/authorize'),
  /** A bucket for uploaded media, by path: `https://s3.eu-central-1.amazonaws.com/my-bucket`, or any S3-compatible service. Absent: the data folder. */
  MEDIA_S3_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** The bucket's region. */
  MEDIA_S3_REGION: z.string().min(1).default('us-east-1'),
  /** Access key id for the bucket. */
  MEDIA_S3_KEY_ID: z.string().min(1).optional(),
  /** Secret access key for the bucket. */
  MEDIA_S3_SECRET: z.string().min(1).optional(),
  /** Private hosts that may be read all the same (`host`, `host:port` or CIDR, separated by commas), e.g. an app on your own network. */
  WEB_ALLOW: z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((entry) => entry.trim())
        .filter(Boolean),
    ),
  /** Where exchange rates are read, in the form of the European Central Bank's files; default: the bank itself. */
  RATES_URL: z.url().optional(),
  /** Base address of GitHub's API, where the README and the releases of an app's repository are read. */
  GITHUB_API_URL: z.url().default('https://api.github.com'),
  /** The same for GitLab. */
  GITLAB_API_URL: z.url().default('https://gitlab.com/api/v4'),
  /** The same for Codeberg. */
  CODEBERG_API_URL: z.url().default('https://codeberg.org/api/v1'),
  /** Base address of Apple's store lookup. */
  APPLE_LOOKUP_URL: z.url().default('https://itunes.apple.com'),
  /** Path of an MMDB file (GeoLite2, DB-IP, IPinfo: country or city) in which visitors' countries are looked up. Absent: the proxy's country header, else the browser's time zone. */
  GEO_DATABASE: z.string().min(1).optional(),
  /** Own name for the tracker script and its event path, e.g. `hello` for `/hello.js` and `/hello`. Default: a name of the installation's own that nobody can guess. */
  TRACKER_NAME: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]{1,39}$/, 'A name of small letters, digits, - and _, at most 40.')
    .optional(),
  /** `silent`, `error`, `warn`, `info` or `debug`. */
  LOG_LEVEL: z.enum(['silent', 'error', 'warn', 'info', 'debug']).default('info'),
});

export type Config = z.infer<typeof environment>;

/** The bucket for media, when one is set; throws a sentence when its keys are not. */
export function bucketOf(config: Config): { url: string; region: string; keyId: string; secret: string } | null {
  const { MEDIA_S3_URL: url, MEDIA_S3_REGION: region, MEDIA_S3_KEY_ID: keyId, MEDIA_S3_SECRET: secret } = config;
  if (!url) return null;
  if (!keyId || !secret) throw new Error('MEDIA_S3_URL is set: set MEDIA_S3_KEY_ID and MEDIA_S3_SECRET as well.');
  return { url, region, keyId, secret };
}

/** Reads the environment; throws one sentence per variable that is wrong. An empty variable counts as absent. */
export function readConfig(variables: Record<string, string | undefined> = process.env): Config {
  const set = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = environment.safeParse(set);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`The environment is not right.\n  ${lines.join('\n  ')}`);
}

/** The names of all variables, for the test that holds the README's table against this file. */
export const variableNames = Object.keys(environment.shape);
