import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { listModels } from '#src/outside/ai/index.ts';
import { sendSigned } from '#src/outside/hooks.ts';
import { isNoAnswer } from '#src/outside/http.ts';
import { openMail } from '#src/outside/mail.ts';
import { platforms } from '#src/outside/platforms/index.ts';
import { normaliseUrl, openWeb, type Web } from '#src/outside/web.ts';
import { type RecordedServer, startRecorded } from '#test/fakes/recorded.ts';
import { isModelAddress } from './ai/door.ts';
import { checkedLookup, isPublicAddress } from './web/guard.ts';

/** Every way to write an address that a server must not be sent to by a stranger. */
const CORPUS: Record<string, string[]> = {
  decimal: ['http://2130706433/', 'http://2852039166/latest/meta-data/', 'http://4294967295/', 'http://0/'],
  hex: ['http://0x7f000001/', 'http://0x7f.0x0.0x0.0x1/', 'http://0xa9fea9fe/', 'http://0X7F.1/'],
  octal: ['http://0177.0.0.1/', 'http://017700000001/', 'http://0251.0376.0251.0376/', 'http://00000000177.1/'],
  short: ['http://127.1/', 'http://127.0.1/', 'http://10.1/', 'http://192.168.257/', 'http://169.254.43518/'],
  mixed: ['http://0x7f.0.0.01/', 'http://127.0x0.0.1/', 'http://0251.254.0xa9.254/'],
  plain: [
    'http://127.0.0.1/',
    'http://127.255.255.254/',
    'http://10.0.0.1/',
    'http://172.16.0.1/',
    'http://172.31.255.255/',
    'http://192.168.0.1/',
    'http://100.64.0.1/',
    'http://198.18.0.1/',
    'http://0.0.0.0/',
    'http://0.1.2.3/',
    'http://224.0.0.1/',
    'http://240.0.0.1/',
    'http://255.255.255.255/',
    'http://192.0.2.1/',
  ],
  ipv6: [
    'http://[::1]/',
    'http://[::]/',
    'http://[0:0:0:0:0:0:0:1]/',
    'http://[fe80::1]/',
    'http://[fc00::1]/',
    'http://[fd00:ec2::254]/',
    'http://[ff02::1]/',
    'http://[2001:db8::1]/',
  ],
  mapped: [
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:7f00:1]/',
    'http://[::ffff:a9fe:a9fe]/',
    'http://[::127.0.0.1]/',
    'http://[0:0:0:0:0:ffff:10.0.0.1]/',
  ],
  nat64: ['http://[64:ff9b::127.0.0.1]/', 'http://[64:ff9b::a9fe:a9fe]/', 'http://[64:ff9b:1::7f00:1]/'],
  tunnels: ['http://[2002:7f00:1::]/', 'http://[2002:a9fe:a9fe::1]/', 'http://[2001::7f00:1]/'],
  metadata: [
    'http://169.254.169.254/latest/meta-data/',
    'http://168.63.129.16/',
    'http://100.100.100.200/',
    'http://metadata.google.internal/',
    'http://[fe80::a9fe:a9fe]/',
  ],
  names: [
    'http://localhost/',
    'http://LOCALHOST/',
    'http://localhost./',
    'http://a.localhost/',
    'http://localhost.localdomain/',
    'http://printer.local/',
    'http://db.internal/',
    'http://router.lan/',
    'http://nas.home.arpa/',
  ],
  'trailing dot': ['http://127.0.0.1./', 'http://127.1./', 'http://0x7f.1./', 'http://metadata.google.internal./'],
  unicode: [
    'http://①②⑦.⓪.⓪.①/',
    'http://127。0。0。1/',
    'http://127.0.0.1/',
    'http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/',
    'http://169.254。169.254/',
    'http://loc\u00adalhost/',
  ],
  encoded: ['http://%31%32%37.0.0.1/', 'http://127%2e0%2e0%2e1/', 'http://loc%61lhost/'],
  slashes: ['http:\\\\127.0.0.1\\', 'http:/127.0.0.1/', 'http:127.0.0.1', 'http:////127.0.0.1/'],
};
/** Refused for what they are rather than for where they lead. */
const ODD = [
  'http://user:pw@example.com/',
  'http://example.com@127.0.0.1/',
  'http://127.0.0.1#@example.com/',
  'http://[fe80::1%25eth0]/',
  'http://[::1%lo]/',
  'http://example.com:22/',
  'http://example.com:6379/',
  'file:///etc/passwd',
  'gopher://127.0.0.1:70/',
  'dict://127.0.0.1:11211/',
  'ftp://127.0.0.1/',
  'data:text/plain,x',
  'jar:http://127.0.0.1!/',
  'unix:/var/run/docker.sock',
  '\u0000http://127.0.0.1/',
  'http://127.0.0.1\u0000.example.com/',
];
const private_ = Object.values(CORPUS).flat();

let web: Web;
let server: RecordedServer;
beforeAll(async () => {
  server = await startRecorded();
  web = openWeb({ allow: [], userAgent: 'Fanfare' });
});
afterAll(async () => {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
  await web.close();
  await server.close();
});

describe('an address that a person gives', () => {
  test.each(Object.entries(CORPUS))('is refused before any connection when it is private: %s', async (_, addresses) => {
    for (const address of addresses) {
      const typed = normaliseUrl(address);
      expect([address, 'code' in typed ? typed.code : typed.href]).toEqual([address, 'private_address']);
      expect(await web.call({ method: 'GET', url: address })).toMatchObject({ neverSent: true });
      expect(await web.fetchPage(address)).toMatchObject({ ok: false });
      expect(await web.fetchText(address)).toMatchObject({ ok: false });
    }
  });

  test('is refused when it is odd', async () => {
    for (const address of ODD) {
      expect([address, 'code' in normaliseUrl(address)]).toEqual([address, true]);
      expect(await web.call({ method: 'GET', url: address })).toMatchObject({ neverSent: true });
      expect(await web.fetchPage(address)).toMatchObject({ ok: false });
    }
  });
});

describe('a name that was public when it was looked at, and leads here when it is called', () => {
  const answering = (...answers: string[][]) => {
    const told = [...answers];
    vi.spyOn(dns, 'lookup').mockImplementation(((
      _name: string,
      _options: unknown,
      answer: (error: null, found: { address: string; family: number }[]) => void,
    ) => {
      const now = told.length > 1 ? told.shift()! : (told[0] ?? []);
      answer(
        null,
        now.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
    }) as typeof dns.lookup);
    syncBuiltinESMExports();
  };
  const rebound = () => answering(['127.0.0.1']);

  test('is connected to at the address that was checked, and looked at again for the next connection', () => {
    answering(['93.184.215.14', '127.0.0.1', '::ffff:169.254.169.254'], ['127.0.0.1']);
    const lookup = checkedLookup(isPublicAddress);
    const seen: unknown[] = [];
    for (let n = 0; n < 2; n++)
      lookup('rebind.example', { all: true }, (error, found) => void seen.push(error ? error.message : found));
    expect(seen).toEqual([[{ address: '93.184.215.14', family: 4 }], 'its name leads to a private address']);
  });

  const port = () => new URL(server.url).port;
  const all = platforms({ sandboxFolder: '/tmp', web: openWeb({ allow: [], userAgent: 'x' }), allow: [] });
  const part = {
    text: 'x',
    media: [],
    replyTo: null,
    idempotencyKey: 'k',
    firstTriedAt: new Date(),
    poll: null,
    title: 'x',
    tags: [],
    canonicalUrl: null,
    community: null,
    replySettings: null,
  };

  test.each([...all.keys()].filter((id) => id !== 'sandbox'))('%s: no call of its adapter arrives', async (id) => {
    const before = server.requests.length;
    const apiUrl = `http://rebind.example:${port()}`;
    for (const address of [apiUrl, server.url, 'http://[::ffff:127.0.0.1]:1'])
      for (const verb of ['publish', 'profile', 'remove', 'repost'] as const) {
        rebound();
        const grant = { token: '1:x', platformUserId: '1', apiUrl: address };
        await Promise.resolve(
          (all.get(id)![verb] as ((...given: unknown[]) => unknown) | null)?.(grant, verb === 'publish' ? part : '1'),
        ).catch(() => undefined);
      }
    expect(server.requests.length).toBe(before);
  });

  test('a webhook, a page and a mail server', async () => {
    const before = server.requests.length;
    rebound();
    const note = { address: 'http://rebind.example/', secrets: ['whsec_AAAA'], id: '1', payload: '{}' };
    for (let n = 0; n < 2; n++) {
      const { answer } = await sendSigned(web, { ...note, timeoutMs: 300 });
      expect(isNoAnswer(answer)).toBe(true);
    }
    expect(await web.fetchPage('http://rebind.example/', { totalMs: 300 })).toMatchObject({
      ok: false,
      refusal: { code: 'private_address' },
    });
    const mail = openMail({ allow: [], name: 'x' }).open({
      host: 'rebind.example',
      port: 25,
      encryption: 'none',
      username: null,
      password: null,
    });
    expect(
      (
        await mail.send({
          from: { name: null, address: 'a@example.com' },
          to: 'b@example.com',
          replyTo: null,
          subject: 'x',
          text: 'x',
          html: null,
          messageId: '<1@example.com>',
          headers: {},
        })
      ).kind,
    ).not.toBe('accepted');
    mail.close();
    expect(server.requests.length).toBe(before);
  });
});

test('a model may run at home, but is not looked for where a machine tells its own secrets', async () => {
  for (const address of ['127.0.0.1', '192.168.1.10', '100.64.3.4', '::1', 'fd12::1', '93.184.215.14'])
    expect(isModelAddress(address)).toBe(true);
  for (const address of [
    '169.254.169.254',
    '100.100.100.200',
    '168.63.129.16',
    'fd00:ec2::254',
    'fe80::1',
    '0.0.0.0',
    '::',
    '224.0.0.1',
    '::ffff:169.254.169.254',
    '64:ff9b::a9fe:a9fe',
    '2002:a9fe:a9fe::',
  ])
    expect([address, isModelAddress(address)]).toEqual([address, false]);
  vi.restoreAllMocks();
  syncBuiltinESMExports();
  for (const baseUrl of [
    'http://169.254.169.254/v1',
    'http://0xa9fea9fe',
    'http://[::ffff:a9fe:a9fe]/v1',
    'http://2852039166',
  ])
    expect(await listModels({ provider: 'openai-compatible', baseUrl })).toMatchObject({
      ok: false,
      code: 'unreachable',
    });
});

test('the corpus is private by address too, so that no lookup makes it public', () => {
  for (const address of private_) {
    const host = URL.canParse(address) ? new URL(address).hostname.replace(/^\[|\]$/g, '') : '';
    if (/^[\d.]+$|:/.test(host)) expect([host, isPublicAddress(host)]).toEqual([host, false]);
  }
});
