import { type Context, transaction, type World } from '#src/context.ts';
import { showDomain } from '#src/distribute/links/domain.ts';
import { type Check, lengthInWords, ok, problem, unknown, warning } from '#src/doctor/finding.ts';
import { mailboxOf } from '#src/people/mail.ts';
import { randomToken } from '#src/secrets.ts';

/** Below this path each Fanfare answers with what only it can know. */
export const PROOF_BELOW = '/.well-known/fanfare/';

/** What this installation, and no other, answers to a word. */
export function proofOf({ secrets }: Pick<World, 'secrets'>, word: string): string {
  return `fanfare ${secrets.fingerprint('public address', word)}`;
}

const DAY = 86_400_000;

/** Whom this workspace is reached by and whom it reaches: its address, its accounts, its mail, its domain, its apps. */
export function reachChecks(context: Context): Check[] {
  return [
    { id: 'address', title: 'Public address', look: () => lookAtAddress(context) },
    { id: 'accounts', title: 'Connected accounts', look: () => lookAtAccounts(context) },
    { id: 'mail', title: 'Mail', look: () => lookAtMail(context) },
    { id: 'link_domain', title: 'Link domain', look: () => lookAtDomain(context) },
    { id: 'tracker', title: 'Tracker', look: () => lookAtTracker(context) },
  ];
}

async function lookAtAddress(context: Context) {
  const { publicUrl } = context;
  const { hostname } = new URL(publicUrl);
  if (hostname === 'localhost' || hostname.startsWith('127.'))
    return unknown(
      `${publicUrl} leads to this machine only.`,
      'To be reached by visitors, webhooks and OAuth, set PUBLIC_URL to the address of your proxy.',
    );
  const word = randomToken(12);
  const answer = await context.web.fetchText(`${publicUrl}${PROOF_BELOW}${word}`, { totalMs: 8_000, maxBytes: 1_000 });
  const todo =
    'Check PUBLIC_URL, the DNS of its name, the certificate, and that the proxy passes requests on to Fanfare’s port.';
  if (!answer.ok && answer.refusal.code === 'private_address')
    return unknown(
      `${publicUrl} is in a private network, which Fanfare does not call by itself.`,
      'Allow it with WEB_ALLOW to have it checked.',
    );
  if (!answer.ok) return problem(`${publicUrl} did not answer from here: ${answer.refusal.message}`, todo);
  if (answer.page.text.trim() !== proofOf(context, word))
    return problem(`${publicUrl} answers, but it is not this Fanfare.`, todo);
  return ok(`${publicUrl} leads here.`);
}

async function lookAtAccounts(context: Context) {
  const now = context.clock.now().getTime();
  const accounts = await transaction(context, ({ tx }) =>
    tx
      .selectFrom('accounts')
      .leftJoin('grants', 'grants.accountId', 'accounts.id')
      .select(['accounts.handle', 'accounts.platform', 'accounts.status', 'accounts.statusReason'])
      .select(['grants.expiresAt', (eb) => eb('grants.sealedRefresh', 'is not', null).as('renews')])
      .where('accounts.status', '<>', 'removed')
      .orderBy('accounts.handle')
      .execute(),
  );
  if (accounts.length === 0) return unknown('No account is connected.', 'Connect one under Settings, Accounts.');
  const lost = accounts.filter(({ status }) => status === 'reconnect');
  const named = (some: typeof accounts) => some.map(({ handle, platform }) => `@${handle} (${platform})`).join(', ');
  if (lost.length > 0)
    return problem(
      `The access of ${named(lost)} is no longer accepted${lost[0]?.statusReason ? `: ${lost[0].statusReason}` : '.'}`,
      'Connect again under Settings, Accounts. Queues wait until then.',
    );
  const ending = accounts.filter(
    ({ expiresAt, renews }) => !renews && expiresAt && expiresAt.getTime() - now < 10 * DAY,
  );
  const soonest = Math.min(...ending.map(({ expiresAt }) => expiresAt?.getTime() ?? Number.POSITIVE_INFINITY)) - now;
  if (ending.length > 0)
    return warning(
      `The access of ${named(ending)} ${soonest > 0 ? `ends within ${lengthInWords(soonest)}` : 'has ended'} and cannot be renewed by itself.`,
      'Connect again under Settings, Accounts.',
    );
  return ok(
    `${accounts.length === 1 ? 'The one connected account' : `All ${accounts.length} connected accounts`} can be used.`,
  );
}

async function lookAtMail(context: Context) {
  const mailbox = await transaction(context, mailboxOf);
  if (!mailbox)
    return unknown(
      'No mail server is set: no newsletter, report or alert goes out by mail.',
      'Set one under Settings, Mail, when you want them.',
    );
  if (context.demo) return unknown('The demo calls no mail server.');
  const { host } = mailbox.server;
  const failed = await context.mail.check(mailbox.server);
  if (failed === null) return ok(`${host} answers and takes our login. Nothing was sent.`);
  return problem(failed, 'Check host, port, encryption, user name and password under Settings, Mail.');
}

async function lookAtDomain(context: Context) {
  const { domain } = await showDomain(context, false);
  if (!domain) return unknown('There is none: tracked links begin with the public address.');
  if (context.demo) return unknown('The demo asks nobody.');
  const { check, instructions } = await showDomain(context, true);
  if (check?.leadsHere) return ok(check.message);
  return problem(check?.message ?? `https://${domain} was not asked.`, instructions[0] ?? 'Point its DNS here.');
}

async function lookAtTracker(context: Context) {
  const now = context.clock.now().getTime();
  const apps = await transaction(context, ({ tx }) =>
    tx
      .selectFrom('apps')
      .select(['apps.name', 'apps.url'])
      .select((eb) =>
        eb
          .selectFrom('trafficHours')
          .whereRef('trafficHours.appId', '=', 'apps.id')
          .select(({ fn }) => fn.max('trafficHours.hour').as('hour'))
          .as('last'),
      )
      .orderBy('apps.name')
      .execute(),
  );
  if (apps.length === 0) return unknown('There is no app yet.', 'Add one: its address is enough.');
  const named = (some: typeof apps) => some.map(({ name, url }) => name ?? url).join(', ');
  const never = apps.filter(({ last }) => last === null);
  const silent = apps.filter(({ last }) => last !== null && now - last.getTime() > 2 * DAY);
  const todo = 'Settings, Tracking has the line of script and says whether it is found on the site.';
  if (silent.length > 0) return warning(`Nothing was counted for two days on ${named(silent)}.`, todo);
  if (never.length > 0) return warning(`No visit was ever counted on ${named(never)}.`, todo);
  return ok(
    `Visits were counted on ${apps.length === 1 ? 'the app' : `all ${apps.length} apps`} within the last two days.`,
  );
}
