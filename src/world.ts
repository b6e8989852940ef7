import { join } from 'node:path';
import type pg from 'pg';
import { type Logger, pino } from 'pino';
import packageJson from '#package' with { type: 'json' };
import { bucketOf, type Config } from '#src/config.ts';
import type { World } from '#src/context.ts';
import { openDatabase } from '#src/db/client.ts';
import { openNewsletter } from '#src/distribute/newsletter/platform.ts';
import { openModel } from '#src/outside/ai/index.ts';
import { openMail } from '#src/outside/mail.ts';
import { openMediaStore } from '#src/outside/media.ts';
import { payments } from '#src/outside/payments/index.ts';
import { platforms } from '#src/outside/platforms/index.ts';
import { openWeb } from '#src/outside/web.ts';
import { openSecrets } from '#src/secrets.ts';

/** Builds what one process has. `overrides` is how tests put in a clock or an allow-list; nothing else differs. */
export async function openWorld(
  options: { config: Config; data: string; publicUrl: string; server: pg.ClientConfig; demo?: boolean },
  overrides: Partial<World> = {},
): Promise<World & { close(): Promise<void> }> {
  const { config, data, publicUrl } = options;
  const log: Logger = pino({ level: config.LOG_LEVEL, base: null, redact: ['*.token', '*.password', '*.key'] });
  const db = openDatabase(options.server);
  const web = openWeb({ allow: config.WEB_ALLOW, userAgent: `Fanfare/${packageJson.version} (+${publicUrl})` });
  const adapters = platforms({ sandboxFolder: join(data, 'sandbox'), web });
  const world: World = {
    config,
    data,
    publicUrl: publicUrl.replace(/\/$/, ''),
    clock: { now: () => new Date() },
    log,
    db,
    secrets: await openSecrets({ data, ...(config.FANFARE_SECRET ? { given: config.FANFARE_SECRET } : {}) }),
    web,
    mail: openMail({ allow: config.WEB_ALLOW, name: new URL(publicUrl).hostname }),
    media: openMediaStore({ folder: join(data, 'media'), bucket: bucketOf(config) }),
    platforms: adapters,
    payments: payments(),
    openModel,
    demo: options.demo ?? false,
    ...overrides,
  };
  // The one platform that is made of the program itself.
  const newsletter = openNewsletter(world);
  if (world.platforms === adapters) adapters.set(newsletter.id, newsletter);
  const close = async () => {
    web.close();
    await db.end();
  };
  return { ...world, close };
}
