/** Every platform the program can publish to. A new one is a folder beside this file and a line in it. */
import type { Platform } from '#src/outside/platform.ts';
import { behind } from '#src/outside/web/behind.ts';
import type { Web } from '#src/outside/web.ts';
import { openBluesky } from './bluesky/index.ts';
import { devto } from './devto/index.ts';
import { openDiscord } from './discord/index.ts';
import { hashnode } from './hashnode/index.ts';
import { linkedin } from './linkedin/index.ts';
import { openMastodon } from './mastodon/index.ts';
import { reddit } from './reddit/index.ts';
import { openSandbox } from './sandbox/index.ts';
import { openSlack } from './slack/index.ts';
import { openTelegram } from './telegram/index.ts';
import { threads } from './threads/index.ts';
import { openWebhook } from './webhook/index.ts';
import { x } from './x/index.ts';

/**
 * The adapters by their id. `sandboxFolder` is where the sandbox keeps what was posted to it; `web` is the guarded door
 * for those whose address a person gives. The others have an address of their own, but a developer app may name another
 * one: they stand behind the same guard, with `allow` as in `openWeb`.
 */
export function platforms(options: { sandboxFolder: string; web: Web; allow: string[] }): Map<string, Platform> {
  const guarded = behind(options.allow);
  const all: Platform[] = [
    guarded(x),
    openBluesky(options.web),
    openMastodon(options.web),
    guarded(linkedin),
    guarded(threads),
    guarded(reddit),
    guarded(devto),
    guarded(hashnode),
    openDiscord(options.web),
    openSlack(options.web),
    openTelegram(options.web),
    openWebhook(options.web),
    openSandbox(options.sandboxFolder),
  ];
  return new Map(all.map((platform) => [platform.id, platform]));
}
