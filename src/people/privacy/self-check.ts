import { sql } from 'kysely';
import { type Context, transaction } from '#src/context.ts';
import { classes } from '#src/people/privacy/retention.ts';

export type Answer = {
  key: string;
  question: string;
  answer: 'good' | 'look' | 'not_used';
  says: string;
  /** What to do; null where nothing is. */
  todo: string | null;
  /** Where. */
  path: string | null;
};

type State = {
  retained: string[];
  consentedApps: number;
  consents: number;
  mail: { host: string; encryption: string } | null;
  model: { provider: string | null; mayLeave: string[] } | null;
  people: number;
  confirmed: number;
  withoutWords: number;
  ended: number;
  openRequests: number;
  oldestOpen: Date | null;
  failing: number;
  owners: number;
  ownersWithOneFactor: number;
  backup: { finishedAt: Date; encrypted: boolean } | null;
};

/** A request has to be answered within a month (Regulation (EU) 2016/679, Article 12(3)); in days. */
const MONTH = 30;
/** The classes of data in which people are. */
const OF_PEOPLE = ['events', 'clicks', 'inbox', 'payment_events'] as const;

/** The questions a privacy officer would ask, answered from how things stand now. Nothing is answered by what was planned. */
export async function selfCheck(context: Context): Promise<Answer[]> {
  const state = await readState(context);
  return [
    keptHowLong(state),
    counted(state),
    signals(),
    reached(context),
    mailed(state),
    modelled(state),
    agreed(state),
    leftAlone(state),
    answered(state, context.clock.now()),
    signedIn(state),
    backedUp(state),
  ];
}

async function readState(context: Context): Promise<State> {
  const { rows } = await transaction(context, ({ tx, workspaceId }) =>
    sql<State>`
      select
        (select coalesce(json_agg(data_class), '[]') from retention_settings) as "retained",
        (select count(*) from tracking_settings where privacy_tier = 'consented') as "consentedApps",
        (select count(*) from consents) as "consents",
        (select json_build_object('host', host, 'encryption', encryption) from mail_settings) as "mail",
        (select json_build_object('provider', provider, 'mayLeave', may_leave) from ai_settings) as "model",
        (select count(*) from customers where erased_at is null) + (select count(*) from contacts) + (select count(*) from subscribers) as "people",
        (select count(*) from subscribers where state = 'confirmed') as "confirmed",
        (select count(*) from subscribers s where state = 'confirmed' and source = 'import' and consent is null
          and not exists (select from mail_deliveries d where d.workspace_id = s.workspace_id and d.subscriber_id = s.id and d.kind = 'confirmation')) as "withoutWords",
        (select count(*) from subscribers where state in ('unsubscribed', 'bounced')) + (select count(*) from suppressed_addresses) as "ended",
        (select count(*) from privacy_requests where done_at is null) as "openRequests",
        (select min(requested_at) from privacy_requests where done_at is null) as "oldestOpen",
        (select count(*) from privacy_requests where done_at is null and failure is not null) as "failing",
        (select count(*) from memberships where workspace_id = ${workspaceId} and role = 'owner') as "owners",
        (select count(*) from memberships m join users u on u.id = m.user_id where m.workspace_id = ${workspaceId} and m.role = 'owner'
          and not u.two_factor_enabled and not exists (select from passkeys p where p.user_id = u.id)) as "ownersWithOneFactor",
        (select json_build_object('finishedAt', finished_at, 'encrypted', encrypted) from backups
          where finished_at is not null and error is null order by finished_at desc limit 1) as "backup"`.execute(tx),
  );
  const state = rows[0];
  if (!state) throw new Error('The database did not say how things stand.');
  return state;
}

function keptHowLong({ retained }: State): Answer {
  const open = OF_PEOPLE.filter((name) => !retained.includes(name));
  return said('retention', 'Is it decided how long data of people is kept?', open.length === 0, {
    good: 'Yes, for visits, clicks, the inbox and what the payment provider sends.',
    look: `Not for ${open.map((name) => classes[name].what.toLowerCase()).join('; ')}: it is kept for good.`,
    todo: 'Set a number of days for each class.',
    path: '/settings/privacy?show=kept',
  });
}

function counted({ consentedApps, consents }: State): Answer {
  const question = 'Is nobody known again without having agreed?';
  if (consentedApps === 0)
    return good(
      'tiers',
      question,
      'Yes. No app has visitors who are known again; a visitor is a hash that changes each day.',
    );
  return said('tiers', question, consents > 0, {
    good: `${apps(consentedApps)} with consent, and ${consents} consents are on record. Visitors who did not agree are counted without an id.`,
    look: `${apps(consentedApps)} with consent, but no consent is on record here.`,
    todo: 'Have your consent banner record each answer (operation consents.record), or keep them where it does.',
    path: '/settings/tracking',
  });
}

const apps = (count: number) => (count === 1 ? 'One app counts visitors' : `${count} apps count visitors`);

function signals(): Answer {
  return good(
    'signals',
    'Are Do Not Track and Global Privacy Control honoured?',
    'Yes, always: the tracker sends nothing from a browser that asks for it.',
  );
}

function reached({ publicUrl }: Context): Answer {
  return said('https', 'Is what people send encrypted on its way?', publicUrl.startsWith('https://'), {
    good: `Yes, this server is reached at ${publicUrl}.`,
    look: `This server is reached at ${publicUrl}, which is not https.`,
    todo: 'Put a reverse proxy with a certificate before it and set PUBLIC_URL.',
    path: '/docs/self-hosting',
  });
}

function mailed({ mail }: State): Answer {
  const question = 'Is mail encrypted on its way to the mail server?';
  if (!mail) return notUsed('mail', question, 'No mail server is set, so no mail is sent.');
  return said('mail', question, mail.encryption !== 'none', {
    good: `Yes, to ${mail.host} by ${mail.encryption === 'tls' ? 'TLS' : 'STARTTLS'}.`,
    look: `No. Letters and addresses go to ${mail.host} in the clear.`,
    todo: 'Choose TLS or STARTTLS.',
    path: '/settings/mail',
  });
}

function modelled({ model }: State): Answer {
  const question = 'Does a model get data of people?';
  if (!model?.provider) return notUsed('model', question, 'No model is set in this workspace.');
  const classes = model.mayLeave.filter((name) => name === 'people' || name === 'customers');
  return said('model', question, classes.length === 0, {
    good: `No. ${model.provider} gets public pages, what you know of your app and your own posts at most.`,
    look: `Yes: ${classes.map((name) => (name === 'people' ? 'the inbox and contacts' : 'customers and money')).join(' and ')} may be sent to ${model.provider}.`,
    todo: 'Have an agreement with the provider, or take the permission back.',
    path: '/settings/ai',
  });
}

function agreed({ confirmed, withoutWords }: State): Answer {
  const question = 'Can it be shown that subscribers agreed?';
  if (confirmed === 0) return notUsed('subscribers', question, 'Nobody is on a list.');
  return said('subscribers', question, withoutWords === 0, {
    good: 'Yes. Each one confirmed by mail, or it was written down on import how they agreed.',
    look: `Not of ${withoutWords} who were imported.`,
    todo: 'Ask them to confirm, or remove them.',
    path: '/newsletter',
  });
}

function leftAlone({ ended }: State): Answer {
  return good(
    'unsubscribed',
    'Is who left not written to again?',
    ended === 0
      ? 'Nobody left so far. Who does stays on record as gone, and imports pass them over.'
      : `Yes. ${ended} addresses that left or were erased are on record, the erased ones as fingerprints; imports pass them over.`,
  );
}

function answered({ openRequests, oldestOpen, failing }: State, now: Date): Answer {
  const question = 'Are requests of people answered within a month?';
  if (openRequests === 0) return good('requests', question, 'Nothing is open.');
  const days = oldestOpen ? Math.floor((now.getTime() - new Date(oldestOpen).getTime()) / 86_400_000) : 0;
  return said('requests', question, failing === 0 && days < MONTH, {
    good: `${openRequests} open, the oldest for ${days} days.`,
    look:
      failing > 0
        ? `${failing} could not be finished. It is tried again each hour.`
        : `${openRequests} open, the oldest for ${days} days.`,
    todo: 'Look at what stopped it.',
    path: '/settings/privacy?show=person',
  });
}

function signedIn({ owners, ownersWithOneFactor }: State): Answer {
  return said('sign_in', 'Does more than a password guard the owners’ accounts?', ownersWithOneFactor === 0, {
    good: 'Yes, a second step or a passkey for each.',
    look: `Not for ${ownersWithOneFactor} of ${owners} ${owners === 1 ? 'owner' : 'owners'}.`,
    todo: 'Switch on the second step or add a passkey.',
    path: '/settings/account',
  });
}

function backedUp({ backup }: State): Answer {
  const question = 'Are backups there, and encrypted?';
  if (!backup)
    return said('backups', question, false, {
      good: '',
      look: 'No backup was made by Fanfare. If the machine makes them, look whether they are encrypted.',
      todo: 'Set backups up, with a passphrase.',
      path: '/settings/backups',
    });
  return said('backups', question, backup.encrypted, {
    good: 'Yes, the newest one is encrypted.',
    look: 'The newest one is not encrypted: whoever has the file has everything.',
    todo: 'Set a passphrase for backups.',
    path: '/settings/backups',
  });
}

type Words = { good: string; look: string; todo: string; path: string };

function said(key: string, question: string, isGood: boolean, words: Words): Answer {
  if (isGood) return good(key, question, words.good);
  return { key, question, answer: 'look', says: words.look, todo: words.todo, path: words.path };
}

function good(key: string, question: string, says: string): Answer {
  return { key, question, answer: 'good', says, todo: null, path: null };
}

function notUsed(key: string, question: string, says: string): Answer {
  return { key, question, answer: 'not_used', says, todo: null, path: null };
}
