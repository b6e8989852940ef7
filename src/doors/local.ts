import type { Secrets } from '#src/secrets.ts';

/** How a credential of the local command line begins. */
export const LOCAL_PREFIX = 'fflocal_';

/**
 * What the command line on the server's own machine sends instead of an API key. Whoever can read the installation's
 * secret can open every stored credential anyway, so this gives nobody more than they have.
 */
export function localCredential(secrets: Secrets): string {
  return LOCAL_PREFIX + secrets.derive('local command line');
}
