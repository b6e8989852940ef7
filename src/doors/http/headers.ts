import type { MiddlewareHandler, Context as Request_ } from 'hono';
import { html } from 'hono/html';
import { NONCE, secureHeaders } from 'hono/secure-headers';
import type { World } from '#src/context.ts';

/** Stands in the built page where the nonce of the answer goes (web/vite.config.ts). */
export const NONCE_PLACE = '__nonce__';

/**
 * The headers of every answer. Scripts come from here alone and styles from here or with the answer's nonce, so words
 * that found their way into a page can neither run nor draw. A door that answers with something else than our page sets
 * a stricter policy itself, and that one stays.
 */
export function safeHeaders(world: Pick<World, 'publicUrl'>): MiddlewareHandler {
  const overTls = world.publicUrl.startsWith('https:');
  return secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'self'"],
      // Profile pictures and previews stand on the platforms' own servers, which change their names.
      imgSrc: ["'self'", 'data:', 'blob:', 'https:'],
      mediaSrc: ["'self'", 'blob:', 'https:'],
      styleSrc: ["'self'", NONCE],
      connectSrc: ["'self'"],
      objectSrc: ["'none'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
      frameSrc: ["'none'"],
      frameAncestors: ["'none'"],
    },
    permissionsPolicy: { camera: [], microphone: [], geolocation: [], payment: [], usb: [], browsingTopics: [] },
    // Only where it is true: sent from a bare http address it would be ignored, and behind a proxy it binds a year.
    strictTransportSecurity: overTls && 'max-age=31536000',
    xFrameOptions: 'DENY',
    referrerPolicy: 'strict-origin-when-cross-origin',
    // The tracker and shared pictures are loaded by other sites.
    crossOriginResourcePolicy: false,
    overwrite: false,
  });
}

/** The nonce that the policy of this answer names. */
export function nonceOf(request: Request_): string {
  return (request as Request_<{ Variables: { secureHeadersNonce: string } }>).get('secureHeadersNonce');
}

/** A page of a few words for people who are not signed in: no script, no file of its own. */
export function plainPage(request: Request_, title: string, body: ReturnType<typeof html>) {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>${title}</title>
        <style nonce="${nonceOf(request)}">
          body {
            font: 16px/1.5 system-ui, sans-serif;
            color-scheme: light dark;
            max-width: 28rem;
            margin: 18vh auto 0;
            padding: 0 1rem;
          }
          label,
          input {
            display: block;
          }
          input {
            box-sizing: border-box;
            width: 100%;
            font: inherit;
            padding: 0.6rem;
            margin: 0.25rem 0 0.75rem;
          }
          button {
            font: inherit;
            padding: 0.6rem 1rem;
            cursor: pointer;
          }
        </style>
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          ${body}
        </main>
      </body>
    </html>`;
}
