import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * A door that answers on the bare request, before the application: for the few that are called thousands of times a
 * second, where building a `Request` and a `Response` costs more than the work. It answers what is ordinary; with
 * `onwards` it gives everything else to the application, which knows all cases.
 */
export type Shortcut = (request: IncomingMessage, response: ServerResponse, onwards: () => void) => void;

/** What is needed of a server: its one listener is the application. */
type Server = {
  listeners(event: 'request'): unknown[];
  removeAllListeners(event: 'request'): unknown;
  on(event: 'request', listener: (request: IncomingMessage, response: ServerResponse) => void): unknown;
};

/** Lets requests try the shortcuts first, in their order. */
export function takeShortcuts(server: Server, shortcuts: readonly Shortcut[]): void {
  const [application] = server.listeners('request') as [(request: IncomingMessage, response: ServerResponse) => void];
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    const tryFrom = (index: number): void => {
      const shortcut = shortcuts[index];
      if (shortcut) shortcut(request, response, () => tryFrom(index + 1));
      else application(request, response);
    };
    tryFrom(0);
  });
}
