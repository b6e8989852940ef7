import type { AddressInfo } from 'node:net';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer } from 'smtp-server';

export type Received = { to: string; mail: Email; raw: string; at: number };

/** What to do with the mail to an address: an SMTP error at RCPT or after the last byte, or a lost connection. */
export type Temper =
  | { at: 'rcpt' | 'data'; code: number; text: string }
  /** Takes the mail in whole, keeps it, and breaks the connection instead of answering. */
  | { at: 'answer' }
  /** Breaks the connection when the mail's first bytes come; nothing is kept. */
  | { at: 'half' }
  /** Takes the mail in whole, keeps it, and never answers. */
  | { at: 'silence' };

export type Postbox = Awaited<ReturnType<typeof startSmtp>>;

/**
 * A real SMTP server on a free port of 127.0.0.1. `temper` says how it treats an address; what it takes is parsed as a
 * mail program would.
 */
export async function startSmtp(options: { user?: { name: string; password: string } } = {}) {
  const received: Received[] = [];
  const tempers = new Map<string, Temper>();
  let connections = 0;
  const server = new SMTPServer({
    authOptional: !options.user,
    allowInsecureAuth: true,
    hideSTARTTLS: true,
    disableReverseLookup: true,
    logger: false,
    closeTimeout: 50,
    onConnect(_session, done) {
      connections += 1;
      done();
    },
    onAuth(auth, _session, done) {
      if (auth.username === options.user?.name && auth.password === options.user?.password)
        done(null, { user: auth.username });
      else done(Object.assign(new Error('5.7.8 Authentication credentials invalid'), { responseCode: 535 }));
    },
    onRcptTo(address, _session, done) {
      const temper = tempers.get(address.address);
      if (temper?.at === 'rcpt') done(Object.assign(new Error(temper.text), { responseCode: temper.code }));
      else done();
    },
    onData(stream, session, done) {
      const to = session.envelope.rcptTo[0]?.address ?? '';
      const temper = tempers.get(to);
      const cut = () => {
        for (const one of server.connections as Set<{ _socket: { destroy(): void }; id: string }>)
          if (one.id === session.id) one._socket.destroy();
      };
      const chunks: Buffer[] = [];
      if (temper?.at === 'half') {
        stream.resume();
        return cut();
      }
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        if (temper?.at === 'data') return done(Object.assign(new Error(temper.text), { responseCode: temper.code }));
        const raw = Buffer.concat(chunks).toString('utf8');
        void PostalMime.parse(raw).then((mail) => {
          received.push({ to, mail, raw, at: Date.now() });
          if (temper?.at === 'answer') return cut();
          if (temper?.at !== 'silence') done();
        });
      });
    },
  });
  server.on('error', () => undefined);
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.server.address() as AddressInfo;
  return {
    port,
    /** For WEB_ALLOW. */
    address: `127.0.0.1:${port}`,
    received,
    to: (address: string) => received.filter((one) => one.to === address),
    temper: (address: string, temper: Temper | null) =>
      void (temper ? tempers.set(address, temper) : tempers.delete(address)),
    connections: () => connections,
    close: () => new Promise<void>((done) => server.close(() => done())),
  };
}
