/** Every platform the program can publish to. A new one is a folder beside this file and a line in it. */
import type { Platform } from '#src/outside/platform.ts';
import { openSandbox } from './sandbox/index.ts';
import { x } from './x/index.ts';

/** The adapters by their id. `sandboxFolder` is where the sandbox keeps what was posted to it. */
export function platforms(options: { sandboxFolder: string }): Map<string, Platform> {
  const all: Platform[] = [x, openSandbox(options.sandboxFolder)];
  return new Map(all.map((platform) => [platform.id, platform]));
}
