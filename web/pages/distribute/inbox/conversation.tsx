import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ArrowLeft, ExternalLink, Star } from 'lucide-react';
import { api } from '#web/api.ts';
import { useHouse } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { compact, dateTime, day } from '#web/format.ts';
import { Avatar } from '#web/parts/avatar.tsx';
import { Button, IconButton } from '#web/parts/button.tsx';
import { ErrorNotice, Notice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { PlatformIcon } from '#web/parts/platform-icon.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';
import { AnswerBox } from './answer-box.tsx';
import { type Conversation, itemQuery } from './queries.ts';
import { answerWords, kindWords, nameOf } from './words.ts';

/** One item in its talk: our post above it, the answer below it or the box to write one. */
export function ConversationPane({ itemId, onBack }: { itemId: string; onBack: () => void }) {
  const query = useQuery({
    ...itemQuery(itemId),
    // An answer on its way is out within seconds.
    refetchInterval: ({ state }) => (state.data?.answer?.state === 'waiting' ? 3_000 : false),
  });
  return (
    <Loaded
      query={query}
      title="This conversation did not load"
      skeleton={
        <div className="card-body">
          <SkeletonLines lines={6} />
        </div>
      }
    >
      {(item) => (
        <>
          <Head item={item} onBack={onBack} />
          <Talk item={item} />
          <Foot item={item} />
        </>
      )}
    </Loaded>
  );
}

function Head({ item, onBack }: { item: Conversation; onBack: () => void }) {
  const { contact, account, post } = item;
  return (
    <header className="talk-head">
      <span className="show-on-phone">
        <IconButton label="Back to the list" onClick={onBack}>
          <ArrowLeft size={16} />
        </IconButton>
      </span>
      <Avatar name={nameOf(contact)} size={36} />
      <div className="talk-who">
        <h2 className="clip">{nameOf(contact)}</h2>
        <p className="sub num clip">
          {contact && `@${contact.handle}`}
          {contact?.followers != null && ` · ${compact(contact.followers)} followers`}
          {contact?.advocateSince && (
            <>
              {' · '}
              <Star size={11} aria-hidden="true" className="inbox-star" /> advocate since {day(contact.advocateSince)}
            </>
          )}
        </p>
        <p className="sub clip">
          <PlatformIcon platform={account.platform} size={11} /> {kindWords[item.kind]}{' '}
          {post ? (
            <Link to="/posts/$postId" params={{ postId: post.id }}>
              {post.title}
            </Link>
          ) : (
            `@${account.handle}`
          )}
        </p>
      </div>
      {item.url?.startsWith('http') && (
        <a className="button" data-size="small" data-look="plain" href={item.url} target="_blank" rel="noreferrer">
          <ExternalLink size={13} aria-hidden="true" /> Open on {account.platformName}
        </a>
      )}
    </header>
  );
}

function Talk({ item }: { item: Conversation }) {
  const { timeZone: zone } = useHouse();
  return (
    <ol className="talk">
      {item.conversation.map((said, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: what was said stays where it is.
        <li key={at} data-from={said.from}>
          <span className="talk-by num">
            {said.from === 'us' ? 'You' : said.name || `@${said.handle}`}
            {said.at && ` · ${dateTime(said.at, zone)}`}
          </span>
          <p>{said.text || 'Without words'}</p>
        </li>
      ))}
    </ol>
  );
}

function Foot({ item }: { item: Conversation }) {
  const { answer } = item;
  const retrying = useChange((publicationId: string) => api.publications.retry({ publicationId }), {
    refreshes: [['inbox']],
  });
  if (answer?.state === 'out' || answer?.state === 'elsewhere')
    return (
      <footer className="talk-foot">
        <span className="tag" data-tone={answerWords(answer)?.tone}>
          {answer.state === 'out' ? 'Your answer is out' : `Answered on ${item.account.platformName}`}
        </span>
        <Receipt postId={answer.postId} />
      </footer>
    );
  if (answer?.state === 'waiting')
    return (
      <footer className="talk-foot stack" data-gap="small">
        <div className="talk-waiting">
          <p>{answer.text}</p>
        </div>
        <p className="sub" role="status">
          On its way. {answer.reason ?? 'It goes out within seconds.'} <Receipt postId={answer.postId} />
        </p>
      </footer>
    );
  return (
    <footer className="talk-foot stack" data-gap="small">
      {answer?.state === 'failed' && (
        <Notice
          title="Your answer is not out"
          tone="neg"
          action={
            answer.publicationId && (
              <Button
                size="small"
                busy={retrying.isPending}
                onClick={() => retrying.mutate(answer.publicationId ?? '')}
              >
                Try again
              </Button>
            )
          }
        >
          {answer.reason} <Receipt postId={answer.postId} />
        </Notice>
      )}
      {retrying.error && <ErrorNotice title="It was not tried again" error={retrying.error} />}
      <AnswerBox item={item} />
    </footer>
  );
}

function Receipt({ postId }: { postId: string | null }) {
  if (!postId) return null;
  return (
    <Link to="/posts/$postId" params={{ postId }} className="talk-receipt">
      See its receipt
    </Link>
  );
}
