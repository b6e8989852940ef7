import type { IncomingMessage, ServerResponse } from 'node:http';

/** What a server calls for each request. */
export type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * A door that answers on the bare request, before the application: for the few that are called thousands of times a
 * second, where building a `Request` and a `Response` costs more than the work. It answers what is ordinary; with
 * `onwards` it gives everything else to the application, which knows all cases.
 */
export type Shortcut = (request: IncomingMessage, response: ServerResponse, onwards: () => void) => void;

/** What is needed of a server: its one listener is the application. */
export type Listening = {
  listeners(event: 'request'): unknown[];
  removeAllListeners(event: 'request'): unknown;
  on(event: 'request', listener: Listener): unknown;
};

/** Lets requests try the shortcuts first, in their order. */
export function takeShortcuts(server: Listening, shortcuts: readonly Shortcut[]): void {
  instead(server, (application) => withShortcuts(application, shortcuts));
}

/** The shortcuts in their order, then the application. */
export function withShortcuts(application: Listener, shortcuts: readonly Shortcut[]): Listener {
  return (request, response) => {
    const tryFrom = (index: number): void => {
      const shortcut = shortcuts[index];
      if (shortcut) shortcut(request, response, () => tryFrom(index + 1));
      else application(request, response);
    };
    tryFrom(0);
  };
}

/** Puts a listener in the place of the server's own, which it is given. */
export function instead(server: Listening, make: (application: Listener) => Listener): void {
  const [application] = server.listeners('request') as [Listener];
  server.removeAllListeners('request');
  server.on('request', make(application));
}
