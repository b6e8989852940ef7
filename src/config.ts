import { z } from 'zod';

/**
 * Every environment variable, parsed once, by what it is about. The descriptions are what people read:
 * `docs/configuration.md` is made of them.
 */
export const settings = {
  'The server': {
    FANFARE_DATA: z
      .string()
      .min(1)
      .optional()
      .describe(
        "Where the embedded database, uploads and the installation's secret live. Default: `/var/lib/fanfare` as root, else `~/.local/share/fanfare`.",
      ),
    PORT: z.coerce
      .number()
      .int()
      .min(0)
      .max(65535)
      .default(3000)
      .describe('The port of the web page and the API. 0 takes a free one.'),
    HOST: z
      .string()
      .min(1)
      .default('127.0.0.1')
      .describe('The address to listen on. Set `0.0.0.0` (behind a proxy) to be reached from elsewhere.'),
    RUN: z
      .enum(['all', 'web', 'worker'])
      .default('all')
      .describe(
        'What this process does: `all`, only the doors (`web`), or only the work that happens by itself (`worker`).',
      ),
    PUBLIC_URL: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe(
        'The address under which people reach Fanfare; it stands in tracked links and OAuth callbacks. Default: `http://localhost:<PORT>`.',
      ),
    TRUSTED_PROXIES: z.coerce
      .number()
      .int()
      .min(0)
      .max(10)
      .default(0)
      .describe(
        'How many proxies stand in front. So many entries at the end of `X-Forwarded-For` are believed; with 0 the header is not looked at, and everyone behind a proxy counts as one visitor.',
      ),
    FANFARE_SECRET: z
      .string()
      .min(1)
      .optional()
      .describe(
        "The installation's secret (32 bytes, base64). Absent: made once and kept in the data folder. Needed when several processes share one database.",
      ),
    FANFARE_SECRET_BEFORE: z
      .string()
      .min(1)
      .optional()
      .describe(
        "The installation's secret until now, given together with a new `FANFARE_SECRET`: everything is sealed again under the new one while Fanfare runs. Leave it out again when `fanfare secrets status` counts no older values.",
      ),
    LOG_LEVEL: z
      .enum(['silent', 'error', 'warn', 'info', 'debug'])
      .default('info')
      .describe('`silent`, `error`, `warn`, `info` or `debug`.'),
  },
  'The database': {
    DATABASE_URL: z
      .string()
      .startsWith('postgres')
      .optional()
      .describe('An external PostgreSQL (15 to 18), as its owner. Absent: the embedded one.'),
    DATABASE_SERVER_URL: z
      .string()
      .startsWith('postgres')
      .optional()
      .describe(
        "The server's own login on that PostgreSQL, when the owner may not create roles, or when it goes through a pooler (PgBouncer in transaction mode). `DATABASE_URL` leads to PostgreSQL directly in any case.",
      ),
    FANFARE_DB_USER: z
      .string()
      .min(1)
      .default('nobody')
      .describe('The operating-system account the embedded database runs as when Fanfare is started by root.'),
  },
  'Pictures and videos': {
    MEDIA_S3_URL: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe(
        'A bucket for uploaded media, by path: `https://s3.eu-central-1.amazonaws.com/my-bucket`, or any S3-compatible service. Absent: the data folder.',
      ),
    MEDIA_S3_REGION: z.string().min(1).default('us-east-1').describe("The bucket's region."),
    MEDIA_S3_KEY_ID: z.string().min(1).optional().describe('Access key id for the bucket.'),
    MEDIA_S3_SECRET: z.string().min(1).optional().describe('Secret access key for the bucket.'),
  },
  'Watching over it': {
    METRICS_TOKEN: z
      .string()
      .min(16)
      .optional()
      .describe(
        'Shows metrics for Prometheus at `/metrics` to whoever sends this as a bearer token. Absent: nothing is counted and there is no such page.',
      ),
    OTEL_EXPORTER_OTLP_ENDPOINT: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe(
        'Sends OpenTelemetry traces to this collector (OTLP over HTTP, `http://localhost:4318`). Absent: nothing is traced.',
      ),
    OTEL_EXPORTER_OTLP_HEADERS: z
      .string()
      .default('')
      .describe('Headers for the collector: `name=value`, separated by commas, each value as in a URL.'),
    OTEL_SERVICE_NAME: z.string().min(1).default('fanfare').describe('The name of this process in the traces.'),
  },
  Models: {
    AI_PROVIDER: z
      .enum(['openai', 'anthropic', 'google', 'openai-compatible'])
      .optional()
      .describe(
        'The model to ask: `openai`, `anthropic`, `google` or `openai-compatible`. Absent: the built-in analysis. Settings in the app come first.',
      ),
    AI_BASE_URL: z
      .url()
      .optional()
      .describe('Base address of the model server, for `openai-compatible` (Ollama, LM Studio) or a proxy.'),
    AI_MODEL: z.string().min(1).optional().describe('Name of the model.'),
    AI_API_KEY: z.string().min(1).optional().describe('Key for the model; local servers need none.'),
  },
  Measuring: {
    TRACKER_NAME: z
      .string()
      .regex(/^[a-z0-9][a-z0-9_-]{1,39}$/, 'A name of small letters, digits, - and _, at most 40.')
      .optional()
      .describe(
        "Own name for the tracker script and its event path, e.g. `hello` for `/hello.js` and `/hello`. Default: a name of the installation's own that nobody can guess.",
      ),
    GEO_DATABASE: z
      .string()
      .min(1)
      .optional()
      .describe(
        "Path of an MMDB file (GeoLite2, DB-IP, IPinfo: country or city) in which visitors' countries are looked up. Absent: the proxy's country header, else the browser's time zone.",
      ),
  },
  'What is read and called elsewhere': {
    WEB_ALLOW: z
      .string()
      .default('')
      .transform((text) =>
        text
          .split(',')
          .map((entry) => entry.trim())
          .filter(Boolean),
      )
      .describe(
        'Private hosts that may be read all the same (`host`, `host:port` or CIDR, separated by commas), e.g. an app on your own network.',
      ),
    X_API_URL: z.url().default('https://api.x.com').describe('Base address of the X API.'),
    X_AUTHORIZE_URL: z
      .url()
      .default('https://x.com/i/oauth2/authorize')
      .describe("X's page where a person agrees to connect."),
    RATES_URL: z
      .url()
      .optional()
      .describe(
        "Where exchange rates are read, in the form of the European Central Bank's files; default: the bank itself.",
      ),
    GITHUB_API_URL: z
      .url()
      .default('https://api.github.com')
      .describe("Base address of GitHub's API, where the README and the releases of an app's repository are read."),
    GITLAB_API_URL: z
      .url()
      .default('https://gitlab.com/api/v4')
      .describe('Base address of GitLab’s API, for the same.'),
    CODEBERG_API_URL: z
      .url()
      .default('https://codeberg.org/api/v1')
      .describe('Base address of Codeberg’s API, for the same.'),
    APPLE_LOOKUP_URL: z.url().default('https://itunes.apple.com').describe("Base address of Apple's store lookup."),
  },
} satisfies Record<string, z.ZodRawShape>;

const environment = z.object({
  ...settings['The server'],
  ...settings['The database'],
  ...settings['Pictures and videos'],
  ...settings['Watching over it'],
  ...settings.Models,
  ...settings.Measuring,
  ...settings['What is read and called elsewhere'],
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
