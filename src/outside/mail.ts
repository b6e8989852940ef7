/**
 * Sending mail by SMTP to a server that a person names. One message to one recipient in, one answer out; nothing is ever
 * sent twice from here. Private networks cannot be reached unless the one who runs Fanfare allows it, as with `web.ts`.
 */
import { isIP, connect as openSocket, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import { bareHost, checkedLookup, isExempt, isPrivateName, isPublicAddress, parseAllowed } from './web/guard.ts';

export type MailServer = {
  host: string;
  port: number;
  /** tls: from the first byte. starttls: switched to before anything is said. none: in the open. */
  encryption: 'tls' | 'starttls' | 'none';
  username: string | null;
  password: string | null;
};

export type Letter = {
  from: { name: string | null; address: string };
  to: string;
  replyTo: string | null;
  subject: string;
  text: string;
  html: string | null;
  /** Without angle brackets: `<id>@<host>`. */
  messageId: string;
  headers: Record<string, string>;
  /** Pictures that the HTML shows by `cid:`. */
  inline?: readonly { cid: string; name: string; type: string; content: Buffer }[];
};

/** How one mail ended. `reason` is a sentence for people; `code` the SMTP code where there was one. */
export type MailOutcome =
  | { kind: 'accepted'; said: string }
  /** Certainly not taken. `about`: the server takes nothing at the moment, or nothing for this recipient. */
  | { kind: 'later'; about: 'server' | 'recipient'; reason: string; code: number | null }
  /**
   * Not taken, for good. `about`: nobody has this address (a bounce); this letter is not wanted; the server wants nothing
   * from this sender at all.
   */
  | { kind: 'refused'; about: 'recipient' | 'letter' | 'sender'; reason: string; code: number }
  /** The connection broke after the last byte: the server may have taken it. */
  | { kind: 'unknown'; reason: string };

/** A line to one server: its connection is kept between letters, which go one after another. */
export type MailLine = { send(letter: Letter): Promise<MailOutcome>; close(): void };

export type Mail = {
  open(server: MailServer): MailLine;
  /** Connects and signs in, and sends nothing. Null when that went well, else why not, in a sentence. */
  check(server: MailServer): Promise<string | null>;
};

/** Ports on which mail is handed in (RFC 5321, 8314, 6409, and the usual way round a closed 25). */
const isMailPort = (port: number) => [25, 465, 587, 2525].includes(port);
const CONNECT_MS = 15_000;
/** RFC 5321 asks for up to ten minutes after the last byte; nobody takes that long any more. */
const ANSWER_MS = 120_000;

/**
 * @param options.allow private hosts that may be reached nevertheless, as in `openWeb`
 * @param options.name how we introduce ourselves to mail servers
 */
export function openMail(options: { allow: string[]; name: string }): Mail {
  const allowed = parseAllowed(options.allow);

  async function dial(server: MailServer): Promise<SMTPConnection> {
    const host = bareHost(server.host);
    const exempt = (address: string | null) => isExempt(allowed, host, server.port, address, isMailPort);
    if (!exempt(null) && !isMailPort(server.port))
      throw new Error(`port ${server.port} is not one for mail; 465, 587, 25 and 2525 are`);
    const permits = (address: string) => isPublicAddress(address) || exempt(address);
    if (isIP(host) ? !permits(host) : isPrivateName(host) && !exempt(null) && !allowed.some((one) => 'range' in one))
      throw new Error('it is in a private network; whoever runs Fanfare can allow it with WEB_ALLOW');
    const { default: Connection } = await import('nodemailer/lib/smtp-connection');
    const socket = await connected(
      openSocket({ host, port: server.port, lookup: checkedLookup((a) => permits(a) || exempt(null)) }),
    );
    const connection = new Connection({
      connection: socket,
      host,
      port: server.port,
      name: options.name,
      secure: server.encryption === 'tls',
      requireTLS: server.encryption === 'starttls',
      ignoreTLS: server.encryption === 'none',
      connectionTimeout: CONNECT_MS,
      greetingTimeout: CONNECT_MS,
      socketTimeout: ANSWER_MS,
    });
    // What happens between two letters is found out by the next one.
    connection.on('error', () => undefined);
    try {
      await new Promise<void>((done, fail) => {
        connection.once('error', fail);
        connection.connect((error) => (error ? fail(error) : done()));
      });
      const { username, password } = server;
      if (username !== null && password !== null)
        await new Promise<void>((done, fail) => {
          connection.once('error', fail);
          connection.login({ user: username, pass: password }, (error) => (error ? fail(error) : done()));
        });
    } catch (error) {
      connection.close();
      throw error;
    }
    return connection;
  }

  return {
    async check(server) {
      try {
        (await dial(server)).quit();
        return null;
      } catch (error) {
        const outcome = notConnected(server, error);
        return 'reason' in outcome ? outcome.reason : outcome.said;
      }
    },
    open(server) {
      let line: SMTPConnection | null = null;
      const hangUp = () => {
        line?.close();
        line = null;
      };
      return {
        async send(letter) {
          const message = await composed(letter);
          if (line?.destroyed) line = null;
          if (!line)
            try {
              line = await dial(server);
            } catch (error) {
              return notConnected(server, error);
            }
          const { outcome, usable } = await handOver(line, letter, message);
          if (!usable) hangUp();
          return outcome;
        },
        close() {
          line?.quit();
          line = null;
        },
      };
    },
  };
}

async function handOver(
  line: SMTPConnection,
  letter: Letter,
  message: Buffer,
): Promise<{ outcome: MailOutcome; usable: boolean }> {
  // Until the last byte was read by the sender, the dot that makes the server take it cannot have left.
  let handed = false;
  const stream = Readable.from([message]).once('end', () => {
    handed = true;
  });
  return new Promise((done) => {
    line.send({ from: letter.from.address, to: [letter.to], size: message.length }, stream, (error, info) => {
      if (error) done({ outcome: outcomeOf(error, handed), usable: false });
      else done({ outcome: { kind: 'accepted', said: info?.response ?? '' }, usable: true });
    });
  });
}

async function composed(letter: Letter): Promise<Buffer> {
  const { default: MailComposer } = await import('nodemailer/lib/mail-composer');
  return new MailComposer({
    from: { name: letter.from.name ?? '', address: letter.from.address },
    to: { name: '', address: letter.to },
    ...(letter.replyTo === null ? {} : { replyTo: letter.replyTo }),
    subject: letter.subject,
    text: letter.text,
    ...(letter.html === null ? {} : { html: letter.html }),
    ...(letter.inline === undefined
      ? {}
      : {
          attachments: letter.inline.map(({ cid, name, type, content }) => ({
            cid,
            filename: name,
            contentType: type,
            contentDisposition: 'inline' as const,
            content,
          })),
        }),
    messageId: `<${letter.messageId}>`,
    headers: letter.headers,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
    .compile()
    .build();
}

/** What the library tells of a failed command. */
type SmtpError = Error & { code?: string; responseCode?: number; response?: string; command?: string };

function notConnected(server: MailServer, thrown: unknown): MailOutcome {
  const error = thrown as SmtpError;
  const code = error.responseCode ?? null;
  const where = `${server.host}:${server.port}`;
  if (error.code === 'EAUTH')
    return later(`The mail server ${where} does not accept the user name and password${quoted(error)}.`, code);
  if (error.code === 'ETLS')
    return later(`An encrypted connection to ${where} was not possible: ${plain(error.message)}.`, code);
  return later(`The mail server ${where} could not be reached: ${plain(error.message)}.`, code);
}

function outcomeOf(thrown: unknown, handed: boolean): MailOutcome {
  const error = thrown as SmtpError;
  const { responseCode: code, command = '' } = error;
  if (code === undefined || code === 0) {
    const reason = `The connection to the mail server broke: ${plain(error.message)}.`;
    return handed ? { kind: 'unknown', reason } : later(reason, null);
  }
  const said = `The mail server answered ${plain(error.response ?? String(code))}.`;
  // 421: the server is closing down. It did not take what it was just given (RFC 5321, 3.8).
  if (code === 421 || (code < 500 && command === 'MAIL FROM')) return later(said, code);
  if (code < 500) return { kind: 'later', about: 'recipient', reason: said, code };
  if (command === 'MAIL FROM') return { kind: 'refused', about: 'sender', reason: said, code };
  return {
    kind: 'refused',
    about: isAddressWrong(command, error.response ?? '') ? 'recipient' : 'letter',
    reason: said,
    code,
  };
}

/**
 * Whether a 5xx means that nobody has this address. Enhanced codes (RFC 3463) 5.1.x and 5.2.1 speak of the address,
 * 5.7.x of rules; without one, a refused RCPT does and a refused DATA does not.
 */
function isAddressWrong(command: string, response: string): boolean {
  const enhanced = /^\d{3}[ -](5\.\d{1,3}\.\d{1,3})/.exec(response)?.[1];
  if (enhanced) return /^5\.1\.|^5\.2\.1$/.test(enhanced) || (command === 'RCPT TO' && !enhanced.startsWith('5.7.'));
  return command === 'RCPT TO';
}

function connected(socket: Socket): Promise<Socket> {
  return new Promise((done, fail) => {
    const giveUp = (error: Error) => {
      clearTimeout(timer);
      socket.destroy();
      fail(error);
    };
    const timer = setTimeout(() => giveUp(new Error('the connection took too long')), CONNECT_MS);
    socket.once('error', giveUp);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.off('error', giveUp);
      done(socket);
    });
  });
}

function later(reason: string, code: number | null): MailOutcome {
  return { kind: 'later', about: 'server', reason, code };
}

function quoted(error: SmtpError): string {
  return error.response ? ` (${plain(error.response)})` : '';
}

/** One line, without the full stop at its end. */
function plain(text: string): string {
  return text
    .replaceAll('\u0000', ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[.!]+$/, '')
    .slice(0, 300)
    .toWellFormed();
}
