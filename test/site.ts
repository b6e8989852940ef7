/** A small website on a port of its own, whose pages a test sets and changes while it runs. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** HTML, or what answers by itself. */
export type SitePage = string | ((request: IncomingMessage, response: ServerResponse) => void);

export type Site = {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  url: string;
  /** `127.0.0.1:<port>`, for WEB_ALLOW. */
  host: string;
  /** By path. Change it at will; what is not in it answers 404. */
  pages: Map<string, SitePage>;
  /** The paths that were asked for, in order; those only tried with HEAD apart. */
  asked: string[];
  tried: string[];
  close(): Promise<void>;
};

export async function startSite(pages: Record<string, SitePage> = {}): Promise<Site> {
  const shown = new Map(Object.entries(pages));
  const asked: string[] = [];
  const tried: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    (request.method === 'HEAD' ? tried : asked).push(path);
    const page = shown.get(path);
    if (typeof page === 'function') return page(request, response);
    response.writeHead(page === undefined ? 404 : 200, { 'content-type': 'text/html; charset=utf-8' });
    response.end(page ?? '<title>Not found</title>');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `http://${host}`,
    host,
    pages: shown,
    asked,
    tried,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
