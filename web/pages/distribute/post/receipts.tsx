import type { api } from '#web/api.ts';
import { counted, money, time } from '#web/format.ts';
import { platformName } from '#web/parts/platform-icon.tsx';
import { Asked } from './asked.tsx';
import { Settle } from './settle.tsx';

type Receipt = Awaited<ReturnType<typeof api.publications.get>>;
type Attempt = Receipt['texts'][number]['attempts'][number];

const phases: Record<Attempt['phase'], string> = {
  prepared: 'Prepared, not sent',
  sent: 'Sent, no answer yet',
  confirmed: 'Confirmed',
  rejected: 'Refused',
  unknown: 'No answer',
};

/** A rejected attempt, by what the platform meant with it. */
const failures: Record<NonNullable<Attempt['failure']>, string> = {
  later: 'Told to wait',
  reconnect: 'Not let in',
  refused: 'Refused',
  unknown: 'No answer',
};

const origins = { part: null, first_reply: 'first reply', plug: 'added after it was out' } as const;

/** Every attempt to create every part: when it was sent, what came back, what it cost. */
export function Receipts({ receipt, zone }: { receipt: Receipt; zone: string }) {
  const attempts = receipt.texts.reduce((sum, text) => sum + text.attempts.length, 0);
  return (
    <div className="receipts">
      {receipt.toSettle !== null && <Settle receipt={receipt} platform={platformName(receipt.account.platform)} />}
      <p className="sub num">
        {attempts === 0
          ? 'Nothing was sent yet. Each attempt is written down here before it leaves.'
          : `${counted(attempts, 'attempt')} for ${counted(receipt.texts.length, 'part')}, ${receipt.costMicros > 0 ? money(receipt.costMicros / 10_000, 'USD') : 'free'}.`}
        {receipt.lookAt && ` Looked at next at ${time(receipt.lookAt, zone)}.`}
      </p>
      <ol>
        {receipt.texts.map((text) => (
          <li key={text.id}>
            <p className="receipt-text clip">
              <span className="num">{text.position + 1}</span> {text.text.split('\n')[0]}
              {origins[text.origin] && <span className="sub"> {origins[text.origin]}</span>}
            </p>
            <ul>
              {text.attempts.map((attempt) => (
                <AttemptLine key={attempt.number} attempt={attempt} zone={zone} platformId={text.platformId} />
              ))}
              {text.attempts.length === 0 && <li className="attempt sub">Waits for the part before it</li>}
            </ul>
          </li>
        ))}
      </ol>
    </div>
  );
}

function AttemptLine({ attempt, zone, platformId }: { attempt: Attempt; zone: string; platformId: string | null }) {
  const sent = attempt.sentAt ?? attempt.preparedAt;
  const took =
    attempt.settledAt && attempt.sentAt ? (attempt.settledAt.getTime() - attempt.sentAt.getTime()) / 1000 : null;
  return (
    <li className="attempt" data-phase={attempt.failure === 'later' ? 'unknown' : attempt.phase}>
      <time className="num" title={sent.toISOString()}>
        {time(sent, zone)}
      </time>
      <span>
        <strong>{wordFor(attempt)}</strong>
        {took !== null && <span className="sub num"> after {took.toFixed(1)} s</span>}
        {attempt.reason && <span className="attempt-reason">{attempt.reason}</span>}
        {attempt.phase === 'confirmed' && platformId && (
          <span className="attempt-reason num">Its id there is {platformId}</span>
        )}
        <Asked request={attempt.request} answer={attempt.answer} />
      </span>
      <span className="num">{attempt.costMicros > 0 ? money(attempt.costMicros / 10_000, 'USD') : ''}</span>
    </li>
  );
}

function wordFor({ adopted, phase, failure }: Attempt): string {
  if (adopted) return 'Found on the platform, adopted';
  return phase === 'rejected' && failure ? failures[failure] : phases[phase];
}
