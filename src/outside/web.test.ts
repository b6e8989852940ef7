import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isPublicAddress } from './web/guard.ts';
import { normaliseUrl, openWeb, type Web } from './web.ts';

/**
 * One site on the loopback address with every bad habit, exempted by host:port; everything else on the same machine
 * is private.
 */
const PAGE = '<!doctype html><html><title>Shipfast</title><body><h1>Ship fast</h1></body></html>';
const html = { 'content-type': 'text/html; charset=utf-8' };

let site: Server;
let port: number;
let web: Web;
let served: string[];
let sentBytes: number;

const paths: Record<string, (request: IncomingMessage, response: ServerResponse) => void> = {
  '/': (_, response) => response.writeHead(200, html).end(PAGE),
  '/gone': (_, response) => response.writeHead(404, html).end(PAGE),
  '/broken': (_, response) => response.writeHead(500, html).end(PAGE),
  '/members': (_, response) => response.writeHead(403, html).end(PAGE),
  '/empty': (_, response) => response.writeHead(200, html).end('  \n '),
  '/pdf': (_, response) => response.writeHead(200, { 'content-type': 'application/pdf' }).end('%PDF-1.7'),
  '/logo.png': (_, response) => response.writeHead(200, { 'content-type': 'image/png' }).end('x'),
  '/api': (_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'),
  '/untyped': (_, response) => response.writeHead(200).end(PAGE),
  '/untyped-pdf': (_, response) => response.writeHead(200).end('%PDF-1.7 plain enough to be decoded'),
  '/gzip': (_, response) => response.writeHead(200, { ...html, 'content-encoding': 'gzip' }).end(gzipSync(PAGE)),
  '/bomb': (_, response) =>
    response.writeHead(200, { ...html, 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(50_000_000, 0x20))),
  '/brotli-bomb': (_, response) =>
    response
      .writeHead(200, { ...html, 'content-encoding': 'br' })
      .end(brotliCompressSync(Buffer.alloc(50_000_000, 0x20), { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })),
  '/twice-packed': (_, response) =>
    response
      .writeHead(200, { ...html, 'content-encoding': 'gzip, gzip' })
      .end(gzipSync(gzipSync(Buffer.alloc(50_000_000, 0x20)))),
  '/announced': (_, response) => response.writeHead(200, { ...html, 'content-length': '50000000' }).write(PAGE),
  '/huge': (_, response) => {
    response.writeHead(200, html);
    const piece = Buffer.alloc(100_000, 0x61);
    const send = () => {
      while (sentBytes < 50_000_000 && !response.destroyed) {
        sentBytes += piece.length;
        if (!response.write(piece)) return response.once('drain', send);
      }
      response.end();
    };
    send();
  },
  '/drip': (_, response) => {
    response.writeHead(200, html);
    const dripping = setInterval(() => response.write(' '), 20);
    response.on('close', () => clearInterval(dripping));
  },
  '/stall': (_, response) => response.writeHead(200, html).write('<html>'),
  '/cut': (_, response) => {
    response.writeHead(200, { ...html, 'content-length': '5000' }).write('<html>');
    setTimeout(() => response.destroy(), 10);
  },
  '/circle': (_, response) => response.writeHead(302, { location: '/circle-back' }).end(),
  '/circle-back': (_, response) => response.writeHead(302, { location: '/circle' }).end(),
  '/endless': (request, response) => response.writeHead(302, { location: `${request.url}1` }).end(),
  '/moved': (_, response) => response.writeHead(301, { location: '/#top' }).end(),
  '/into-loopback': (_, response) => response.writeHead(302, { location: 'http://127.0.0.1/' }).end(),
  '/into-metadata': (_, response) => response.writeHead(302, { location: 'http://169.254.169.254/latest/' }).end(),
  '/into-file': (_, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
  '/into-login': (_, response) => response.writeHead(302, { location: 'http://a:b@myapp.dev/' }).end(),
  '/latin': (_, response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end(Buffer.from('<html><p>Caf\xe9 d\xe9j\xe0', 'latin1')),
  '/shift-jis': (_, response) =>
    response
      .writeHead(200, { 'content-type': 'text/html' })
      .end(Buffer.from([...Buffer.from('<html><meta charset="Shift_JIS"><p>'), 0x93, 0xfa, 0x96, 0x7b])),
  '/utf-16': (_, response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end(Buffer.from(`\ufeff${PAGE}`, 'utf16le')),
  '/unknown-charset': (_, response) =>
    response
      .writeHead(200, { 'content-type': 'text/html; charset=klingon' })
      .end(Buffer.from('<html>\xe9\xe8', 'latin1')),
  '/noise': (_, response) =>
    response.writeHead(200, html).end(Buffer.from(Array.from({ length: 900 }, (_, i) => (i * 7) % 256))),
  '/lzma': (_, response) => response.writeHead(200, { ...html, 'content-encoding': 'lzma' }).end('x'),
  '/damaged': (_, response) => response.writeHead(200, { ...html, 'content-encoding': 'gzip' }).end('not gzip at all'),
  '/robots.txt': (_, response) =>
    response.writeHead(200, { 'content-type': 'text/plain' }).end('User-agent: *\nDisallow: /gone\n'),
  '/README.md': (_, response) =>
    response.writeHead(200, { 'content-type': 'text/markdown' }).end('# Shipfast\n\nShip fast.'),
};

beforeAll(async () => {
  site = createServer((request, response) => {
    const path = request.url ?? '/';
    served.push(path);
    const answer = paths[path.startsWith('/endless') ? '/endless' : path];
    if (answer) answer(request, response);
    else response.writeHead(404).end();
  });
  await new Promise<void>((done) => site.listen(0, '127.0.0.1', done));
  port = (site.address() as AddressInfo).port;
  served = [];
  sentBytes = 0;
  web = openWeb({ allow: [`127.0.0.1:${port}`], userAgent: 'Fanfare/0.1 (+https://example.com)' });
});

afterAll(async () => {
  await web.close();
  await new Promise((done) => site.close(done));
});

const at = (path: string) => `http://127.0.0.1:${port}${path}`;

async function refusalOf(path: string, limits?: Parameters<Web['fetchPage']>[1]) {
  const answer = await web.fetchPage(path.startsWith('/') ? at(path) : path, limits);
  if (answer.ok) throw new Error(`${path} was read`);
  return answer.refusal;
}

async function pageOf(path: string, limits?: Parameters<Web['fetchPage']>[1]) {
  const answer = await web.fetchPage(path.startsWith('/') ? at(path) : path, limits);
  if (!answer.ok) throw new Error(answer.refusal.message);
  return answer.page;
}

describe('reading a page', () => {
  it('gives the page, where it ended and how large it was', async () => {
    const page = await pageOf('/moved');
    expect(page).toMatchObject({ url: at('/moved'), finalUrl: at('/'), status: 200, html: PAGE, bytes: PAGE.length });
    expect(page.fetchedAt).toBeInstanceOf(Date);
  });

  it('tries https and then http when no scheme was typed', async () => {
    expect((await pageOf(`127.0.0.1:${port}`)).finalUrl).toBe(at('/'));
    expect((await refusalOf(`https://127.0.0.1:${port}`)).code).toBe('unreachable');
  });

  it('unpacks what is compressed, and takes a page without a content type', async () => {
    expect((await pageOf('/gzip')).html).toBe(PAGE);
    expect((await pageOf('/untyped')).html).toBe(PAGE);
  });

  it.each([
    ['/latin', 'Café déjà'],
    ['/shift-jis', '日本'],
    ['/utf-16', 'Ship fast'],
  ])('decodes %s', async (path, text) => {
    expect((await pageOf(path)).html).toContain(text);
  });

  it.each([
    ['/unknown-charset', 'klingon'],
    ['/noise', 'no text'],
    ['/lzma', 'lzma'],
    ['/damaged', 'damaged'],
  ])('says why %s cannot be decoded', async (path, word) => {
    const refusal = await refusalOf(path);
    expect(refusal.code).toBe('bad_encoding');
    expect(refusal.message).toContain(word);
  });

  it.each([
    ['/pdf', 'a PDF document'],
    ['/logo.png', 'an image'],
    ['/api', 'JSON data'],
    ['/untyped-pdf', 'a PDF document'],
  ])('refuses %s by name', async (path, name) => {
    const refusal = await refusalOf(path);
    expect(refusal.code).toBe('not_html');
    expect(refusal.message).toContain(name);
  });

  it.each([
    ['/gone', 'does not exist'],
    ['/broken', 'Try again later'],
    ['/members', 'login'],
  ])('explains the status of %s', async (path, words) => {
    const refusal = await refusalOf(path);
    expect(refusal.code).toBe('http_error');
    expect(refusal.message).toContain(words);
  });

  it('names an empty page, a circle, and a chain without end', async () => {
    expect((await refusalOf('/empty')).code).toBe('empty');
    expect((await refusalOf('/circle')).message).toContain('in a circle');
    served.length = 0;
    expect(await refusalOf('/endless')).toMatchObject({ code: 'redirect_loop' });
    expect(served).toHaveLength(6);
  });

  it('drops 50 MB early, announced or not, packed or not', async () => {
    expect((await refusalOf('/announced')).code).toBe('too_large');
    for (const bomb of ['/bomb', '/brotli-bomb', '/twice-packed'])
      expect((await refusalOf(bomb)).code).toBe('too_large');
    expect((await refusalOf('/huge', { maxBytes: 1_000_000 })).code).toBe('too_large');
    expect(sentBytes).toBeLessThan(40_000_000);
  });

  it('cuts off a page that drips for ever and one that stalls', async () => {
    expect((await refusalOf('/drip', { totalMs: 300 })).message).toContain('within 0.3 seconds');
    expect((await refusalOf('/stall', { idleMs: 200 })).message).toContain('stopped sending');
    expect((await refusalOf('/cut')).code).toBe('unreachable');
  });

  it('says when nobody answers', async () => {
    const closed = createTcpServer();
    await new Promise<void>((done) => closed.listen(0, '127.0.0.1', done));
    const address = `127.0.0.1:${(closed.address() as AddressInfo).port}`;
    await new Promise((done) => closed.close(done));
    const other = openWeb({ allow: [address], userAgent: 'Fanfare' });
    const answer = await other.fetchPage(address);
    expect(answer).toMatchObject({ ok: false, refusal: { code: 'unreachable' } });
    await other.close();
    expect((await refusalOf('https://no-such-host.invalid/')).code).toBe('unreachable');
  });

  it('reads plain texts through the other entrance', async () => {
    const answer = await web.fetchText(at('/README.md'));
    expect(answer).toMatchObject({ ok: true, page: { text: '# Shipfast\n\nShip fast.' } });
    expect((await refusalOf('/README.md')).message).toContain('Markdown');
  });

  it('obeys robots.txt when asked to', async () => {
    expect((await refusalOf('/gone', { obeyRobots: true })).code).toBe('robots');
    expect((await pageOf('/', { obeyRobots: true })).status).toBe(200);
  });
});

describe('private networks', () => {
  it.each([
    'http://127.0.0.1/',
    'http://0x7f.1/',
    'http://2130706433/',
    'http://017700000001/',
    'http://0/',
    'http://[::1]/',
    'http://[::]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::127.0.0.1]/',
    'http://[64:ff9b::7f00:1]/',
    'http://[2002:7f00:1::]/',
    'http://[fd00::1]/',
    'http://169.254.169.254/latest/meta-data/',
    'http://168.63.129.16/',
    'http://10.1.2.3/',
    'http://100.100.100.200/',
    'http://localhost/',
    'http://LOCALHOST./',
    'http://printer.local/',
    'localhost:3000',
  ])('keeps out of %s', async (url) => {
    expect((await refusalOf(url)).code).toBe('private_address');
  });

  it('keeps out of a name that leads there, in the connector too', async () => {
    // Passed by the check of the typed address because an exempted range might hold it.
    const ranged = openWeb({ allow: ['10.0.0.0/8'], userAgent: 'Fanfare' });
    const answer = await ranged.fetchPage('http://localhost/');
    expect(answer).toMatchObject({ ok: false, refusal: { code: 'private_address' } });
    await ranged.close();
  });

  it('checks every redirect', async () => {
    expect((await refusalOf('/into-loopback')).code).toBe('private_address');
    expect((await refusalOf('/into-metadata')).code).toBe('private_address');
    expect((await refusalOf('/into-file')).code).toBe('bad_url');
    expect((await refusalOf('/into-login')).code).toBe('bad_url');
  });

  it('exempts exactly what the list names', async () => {
    const other = openWeb({ allow: [`localhost:${port}`], userAgent: 'Fanfare' });
    expect(await other.fetchPage(`http://localhost:${port}/`)).toMatchObject({ ok: true });
    expect(await other.fetchPage(at('/'))).toMatchObject({ ok: false, refusal: { code: 'private_address' } });
    await other.close();
    expect(() => openWeb({ allow: ['http://x/'], userAgent: 'Fanfare' })).toThrow('allowed private hosts');
  });

  it('guards calls to services as well', async () => {
    expect(await web.call({ method: 'POST', url: 'http://127.0.0.1:1/', body: 'x' })).toMatchObject({
      neverSent: true,
    });
    expect(await web.call({ method: 'GET', url: at('/api') })).toMatchObject({ status: 200, text: '{}' });
  });

  it('knows the public internet', () => {
    for (const address of ['93.184.215.14', '2606:4700::1111', '::ffff:8.8.8.8'])
      expect(isPublicAddress(address)).toBe(true);
    for (const address of ['192.168.1.1', '172.16.0.1', '198.18.0.1', '4000::1', 'fe80::1%eth0', 'nonsense', ''])
      expect(isPublicAddress(address)).toBe(false);
  });
});

describe('what people type', () => {
  it.each([
    ['myapp.dev', 'https://myapp.dev/'],
    ['  myapp.dev/pricing?x=1#plans ', 'https://myapp.dev/pricing?x=1'],
    ['HTTP://MyApp.dev', 'http://myapp.dev/'],
    ['//myapp.dev', 'https://myapp.dev/'],
    ['myapp.dev:443', 'https://myapp.dev/'],
    ['bücher.example', 'https://xn--bcher-kva.example/'],
    ['8.8.8.8', 'https://8.8.8.8/'],
  ])('%s', (typed, meant) => {
    expect(String((normaliseUrl(typed) as URL).href)).toBe(meant);
  });

  it.each([
    ['', 'No address'],
    ['my app.dev', 'spaces'],
    ['myapp', 'no ending'],
    ['mailto:me@myapp.dev', 'mailto: link'],
    ['javascript:alert(1)', 'javascript: link'],
    ['me@myapp.dev', 'e-mail address'],
    ['https://me:secret@myapp.dev', 'password'],
    ['https://', 'not a valid'],
    ['ftp://myapp.dev', 'ftp: link'],
    ['myapp.dev:8080', 'port 8080'],
    [`myapp.dev/${'x'.repeat(3000)}`, '2,048'],
  ])('%s is refused', (typed, words) => {
    const refusal = normaliseUrl(typed);
    if (refusal instanceof URL) throw new Error(`${typed} passed`);
    expect(refusal.code).toBe('bad_url');
    expect(refusal.message).toContain(words);
    expect(refusal.message).not.toContain('secret');
  });

  it('never throws, and what passes is an http address without credentials', () => {
    const typed = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.webUrl({ withFragments: true, withQueryParameters: true }),
      fc.tuple(fc.constantFrom('http://', 'https:', '', '//', 'tel:'), fc.string()).map((parts) => parts.join('')),
      fc.ipV4Extended(),
      fc.ipV6().map((address) => `http://[${address}]/`),
    );
    fc.assert(
      fc.property(typed, (input) => {
        const result = normaliseUrl(input);
        if (!(result instanceof URL)) return result.message.length > 20;
        return /^https?:$/.test(result.protocol) && result.username === '' && result.hash === '';
      }),
    );
  });
});
