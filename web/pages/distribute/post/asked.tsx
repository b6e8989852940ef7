import type { ReactNode } from 'react';
import type { api } from '#web/api.ts';
import { counted } from '#web/format.ts';

type Receipt = Awaited<ReturnType<typeof api.publications.get>>;
type Attempt = Receipt['texts'][number]['attempts'][number];
type Request = NonNullable<Attempt['request']>;

const whoReplies: Record<string, string> = {
  following: 'Accounts you follow',
  mentioned: 'Only who is mentioned',
  subscribers: 'Your subscribers',
  verified: 'Verified accounts',
};

/** What one call asked for, field by field as sent, and the platform's answer as it came. */
export function Asked({ request, answer }: { request: Request | null; answer: string | null }) {
  if (!request && answer === null) return null;
  return (
    <details className="asked">
      <summary>{request ? 'What was asked, what came back' : 'What came back'}</summary>
      <dl>
        {request && <Fields request={request} />}
        <dt>Answer</dt>
        <dd>{answer === null ? <span className="sub">None was kept.</span> : <pre>{answer}</pre>}</dd>
      </dl>
    </details>
  );
}

function Fields({ request }: { request: Request }) {
  const { text, replyTo, title, community, replySettings, canonicalUrl, tags, poll, media } = request;
  return (
    <>
      <Field name="Text">{text === '' ? null : <span className="asked-text">{text}</span>}</Field>
      <Field name="Under">{replyTo && <span className="num">{replyTo}</span>}</Field>
      <Field name="Title">{title || null}</Field>
      <Field name="Posted in">{community}</Field>
      <Field name="Who may reply">{replySettings && (whoReplies[replySettings] ?? replySettings)}</Field>
      <Field name="Page">{canonicalUrl}</Field>
      <Field name="Tags">{tags.length > 0 ? tags.map((tag) => `#${tag}`).join(' ') : null}</Field>
      <Field name="Poll">{poll && `${poll.options.join(' · ')}, open ${pollTime(poll.minutes)}`}</Field>
      <Field name="Media">
        {media.length > 0 && (
          <ul>
            {media.map((one, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the same picture may stand there twice, and nothing moves
              <li key={at}>
                {one.mediaType}, <span className="num">{(one.bytes / 1000).toFixed(0)} kB</span>
                {one.uploadedId && <span className="num">, as {one.uploadedId}</span>}
                {one.altText ? `: ${one.altText}` : ', without a description'}
              </li>
            ))}
          </ul>
        )}
      </Field>
    </>
  );
}

function Field({ name, children }: { name: string; children: ReactNode }) {
  if (children === null || children === false) return null;
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function pollTime(minutes: number): string {
  if (minutes % 1440 === 0) return counted(minutes / 1440, 'day');
  return minutes % 60 === 0 ? counted(minutes / 60, 'hour') : counted(minutes, 'minute');
}
