import { join } from 'node:path';
import type pg from 'pg';
import packageJson from '#package' with { type: 'json' };
import { bucketOf, type Config } from '#src/config.ts';
import type { World } from '#src/context.ts';
import { openDatabase } from '#src/db/client.ts';
import { openNewsletter } from '#src/distribute/newsletter/platform.ts';
import { openLog } from '#src/log.ts';
import { openModel } from '#src/outside/ai/index.ts';
import { openMail } from '#src/outside/mail.ts';
import { openMediaStore } from '#src/outside/media.ts';
import { payments } from '#src/outside/payments/index.ts';
import { platforms } from '#src/outside/platforms/index.ts';
import { openWeb } from '#src/outside/web.ts';
import { followKeys } from '#src/people/secrets/follow.ts';
import { openSecrets } from '#src/secrets.ts';

/** Builds what one process has. `overrides` is how tests put in a clock or an allow-list; nothing else differs. */
export async function openWorld(
  options: {
    config: Config;
    data: string;
    publicUrl: string;
    server: pg.ClientConfig;
    /** What stands between here and the rows; see `DatabaseOptions`. */
    pooled?: boolean;
    distributed?: ReadonlySet<string>;
    demo?: boolean;
  },
  overrides: Partial<World> = {},
): Promise<World & { close(): Promise<void> }> {
  const { config, data, publicUrl } = options;
  const log = openLog(config.LOG_LEVEL);
  const { pooled = false, distributed } = options;
  const db = openDatabase(options.server, { pooled, ...(distributed ? { distributed } : {}) });
  const web = openWeb({ allow: config.WEB_ALLOW, userAgent: `Fanfare/${packageJson.version} (+${publicUrl})` });
  // Where the one who runs the server has put X's API, it may be.
  const allow = [...config.WEB_ALLOW, new URL(config.X_API_URL).host];
  const adapters = platforms({ sandboxFolder: join(data, 'sandbox'), web, allow });
  const world: World = {
    config,
    data,
    publicUrl: publicUrl.replace(/\/$/, ''),
    clock: { now: () => new Date() },
    log,
    db,
    secrets: await openSecrets({ data, given: config.FANFARE_SECRET, before: config.FANFARE_SECRET_BEFORE }),
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
  const keys = await followKeys(world);
  const close = async () => {
    await keys.stop();
    web.close();
    await db.end();
  };
  return { ...world, close };
}
