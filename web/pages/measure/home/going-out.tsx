import { Link } from '@tanstack/react-router';
import { relative, time, weekday } from '#web/format.ts';
import type { Home } from '#web/pages/measure/home.tsx';
import { LinkButton } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { PlatformIcon } from '#web/parts/platform-icon.tsx';
import { StatusBadge } from '#web/parts/status-badge.tsx';
import { addDays, dayIn } from '#web/zone.ts';

type Publication = Home['goingOut'][number];

/** The next posts by day; a post on several accounts at once is one line. */
export function GoingOut({ publications, zone }: { publications: Publication[]; zone: string }) {
  const today = dayIn(new Date(), zone);
  const posts = merged(publications).slice(0, 5);
  const days = [...new Set(posts.map(({ day }) => day))];
  return (
    <Card
      title="Going out next"
      action={
        <Link to="/calendar" className="card-head-action">
          Calendar
        </Link>
      }
    >
      {posts.length === 0 && (
        <div className="table-empty stack" data-gap="small">
          Nothing is scheduled.
          <span>
            <LinkButton to="/compose" size="small">
              Write a post
            </LinkButton>
          </span>
        </div>
      )}
      <div className="list">
        {days.map((day) => (
          <section key={day}>
            <h3 className="list-day">{dayWord(day, today)}</h3>
            {posts
              .filter((post) => post.day === day)
              .map((post) => (
                <Link
                  key={post.publicationId}
                  className="list-item"
                  to="/posts/$postId"
                  params={{ postId: post.postId }}
                  title={relative(post.at)}
                >
                  <time className="num">{time(post.at, zone)}</time>
                  <div>
                    <p className="two-lines">{post.title}</p>
                    <div className="cell-meta">
                      {post.platforms.map((platform) => (
                        <PlatformIcon key={platform} platform={platform} size={12} />
                      ))}
                      {post.state !== 'scheduled' && (
                        <StatusBadge
                          status={post.state === 'asking' ? 'review' : post.state}
                          {...(post.state === 'asking' ? { word: 'Needs your OK' } : {})}
                        />
                      )}
                    </div>
                  </div>
                </Link>
              ))}
          </section>
        ))}
      </div>
    </Card>
  );
}

function merged(publications: Publication[]): (Publication & { platforms: string[] })[] {
  const posts = new Map<string, Publication & { platforms: string[] }>();
  for (const publication of publications) {
    const key = `${publication.postId} ${publication.at.toISOString()}`;
    const known = posts.get(key);
    if (known) known.platforms = [...new Set([...known.platforms, publication.platform])];
    else posts.set(key, { ...publication, platforms: [publication.platform] });
  }
  return [...posts.values()];
}

const long = new Intl.DateTimeFormat('en-GB', { weekday: 'long', timeZone: 'UTC' });

function dayWord(day: string, today: string): string {
  if (day === today) return 'Today';
  if (day === addDays(today, 1)) return 'Tomorrow';
  return day > today && day < addDays(today, 7) ? long.format(new Date(day)) : weekday(day, 'UTC');
}
