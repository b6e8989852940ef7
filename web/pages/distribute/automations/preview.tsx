import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useHouse } from '#web/app.tsx';
import { counted, day, money } from '#web/format.ts';
import { Loaded } from '#web/parts/loaded.tsx';
import { PlatformIcon } from '#web/parts/platform-icon.tsx';
import { type Previewed, previewQuery, type RuleInput } from './queries.ts';

/** What a rule would do, before it does anything. */
export function Preview(wanted: { automationId?: string; appId: string; accountId: string | null; rule: RuleInput }) {
  const preview = useQuery(previewQuery(wanted));
  return (
    <section className="dry-run" aria-label="What it would do">
      <Loaded query={preview} title="This rule cannot be tried">
        {(data) =>
          wanted.rule.kind === 'rss_to_draft' || wanted.rule.kind === 'release_to_draft' ? (
            <Items items={data.items} />
          ) : (
            <Posts data={data} />
          )
        }
      </Loaded>
    </section>
  );
}

function Posts({ data: { posts, nowMicros } }: { data: Previewed }) {
  const { timeZone } = useHouse();
  const ready = posts.filter((one) => one.now).length;
  return (
    <>
      <h3>
        {ready === 0 ? 'Nothing to do right now' : `${counted(ready, 'post')} right now`}
        {ready > 0 && nowMicros > 0 && `, ${money(String(nowMicros / 10_000), 'USD')}`}
      </h3>
      {posts.length === 0 ? (
        <p className="sub">No post of the last 90 days meets this. Lower the bar, or leave it as it is and wait.</p>
      ) : (
        <>
          <p className="sub">Posts of the last 90 days that meet this:</p>
          <ul>
            {posts.slice(0, 12).map((one) => (
              <li key={one.publicationId}>
                <PlatformIcon platform={one.account.platform} size={12} />
                <div>
                  <Link to="/posts/$postId" params={{ postId: one.postId }} className="link clip">
                    {one.title}
                  </Link>
                  <span className="sub num">
                    {day(one.publishedAt, timeZone)}, {one.cause}
                  </span>
                </div>
                {one.now && (
                  <span className="tag" data-tone="accent">
                    Now
                  </span>
                )}
              </li>
            ))}
          </ul>
          {posts.length > 12 && <p className="sub num">And {counted(posts.length - 12, 'more post')}.</p>}
        </>
      )}
    </>
  );
}

function Items({ items }: { items: Previewed['items'] }) {
  const [newest] = items;
  if (!newest) return <p className="sub">The feed can be read and is empty so far.</p>;
  return (
    <>
      <h3>The newest item as it would be drafted</h3>
      <p className="sub">
        What is in the feed when the rule is switched on is left alone; only what comes later counts.
      </p>
      {newest.drafts.map((draft) => (
        <div key={draft.platform} className="dry-run-draft">
          <span className="sub">
            <PlatformIcon platform={draft.platform} size={12} /> {draft.title ?? counted(draft.parts.length, 'part')}
          </span>
          {draft.parts.slice(0, 3).map((part, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the parts never move.
            <p key={index}>{part.length > 600 ? `${part.slice(0, 600)}…` : part}</p>
          ))}
          {draft.parts.length > 3 && <span className="sub">And {counted(draft.parts.length - 3, 'more part')}.</span>}
        </div>
      ))}
    </>
  );
}
