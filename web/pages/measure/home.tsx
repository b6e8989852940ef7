import '#web/styles/home.css';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link, useRouteContext } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { useAddress } from '#web/address.ts';
import { api } from '#web/api.ts';
import { useApp, useHouse } from '#web/app.tsx';
import { counted, dateTime } from '#web/format.ts';
import { LinkButton } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { ErrorNotice, Notice } from '#web/parts/error-notice.tsx';
import { Funnel } from '#web/parts/funnel.tsx';
import { Page } from '#web/parts/page.tsx';
import { Segmented } from '#web/parts/segmented.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { dayIn, timeIn } from '#web/zone.ts';
import { Figures } from './home/figures.tsx';
import { FirstSteps } from './home/first-steps.tsx';
import { GoingOut } from './home/going-out.tsx';
import { PostsThatBrought } from './home/posts-that-brought.tsx';
import { WorthDoing } from './home/worth-doing.tsx';

const ranges = [
  { value: '7d', label: '7 days' },
  { value: '30d', label: '30 days' },
  { value: '90d', label: '90 days' },
  { value: '12m', label: '12 months' },
] as const;
type Range = (typeof ranges)[number]['value'];
export type Home = Awaited<ReturnType<typeof api.dashboards.home>>;

const became = { saw: '', visited: 'clicked through', signedUp: 'of visits', paid: 'of signups' };

export function HomePage() {
  const app = useApp();
  const { person } = useRouteContext({ from: '/inside' });
  const { timeZone: zone } = useHouse();
  const [asked, setRange] = useAddress('range', '30d');
  const range: Range = ranges.find(({ value }) => value === asked)?.value ?? '30d';
  const home = useQuery({
    queryKey: ['dashboards', 'home', app.id, range],
    queryFn: () => api.dashboards.home({ appId: app.id, range }),
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  });
  const { data } = home;
  const rangeLabel = ranges.find(({ value }) => value === range)!.label;
  const bare = data && isBare(data);
  return (
    <Page
      title={bare ? 'Let’s get your first numbers' : `${greeting(zone)}, ${person.name.split(' ')[0]}`}
      intro={data ? (bare ? 'About six minutes. You can stop after any step.' : today(data, zone)) : '\u00a0'}
      actions={
        bare ? undefined : (
          <>
            <Segmented label="Range" value={range} onChange={setRange} options={[...ranges]} />
            <span className="hide-on-phone">
              <LinkButton to="/compose" look="primary" hint="C">
                <Plus size={15} aria-hidden="true" /> New post
              </LinkButton>
            </span>
          </>
        )
      }
    >
      {home.error && <ErrorNotice title="Home did not load" error={home.error} onRetry={() => void home.refetch()} />}
      {home.isPending && <HomeSkeleton />}
      {data && bare && <FirstSteps appId={app.id} steps={data.firstSteps} />}
      {data && !bare && (
        <>
          {!data.firstSteps.trackerSeen && data.kpis.visitors.value === 0 && (
            <div className="home-notice">
              <Notice
                title="No visits are counted yet"
                action={
                  <LinkButton to="/settings/$section" params={{ section: 'tracking' }} size="small">
                    Get the line
                  </LinkButton>
                }
              >
                Add one line to your site, then visits and signups stand beside your posts.
              </Notice>
            </div>
          )}
          <Figures home={data} rangeLabel={rangeLabel} />
          <div className="row" data-split="2-1">
            <PostsThatBrought posts={data.postsThatBroughtPeople} zone={zone} />
            <GoingOut publications={data.goingOut} zone={zone} />
          </div>
          <div className="row" data-split="5-7">
            <Card title="From post to paid" sub={rangeLabel}>
              <Funnel
                steps={data.funnel.map((step) => ({ label: step.label, value: step.value, became: became[step.key] }))}
              />
              {data.funnel.some((step) => !step.enough) && (
                <p className="card-note sub">
                  Not enough data for a rate where fewer than 30 people stand before it. The counts are exact.
                </p>
              )}
            </Card>
            <WorthDoing
              ideas={data.worthDoing}
              more={
                <Link to="/suggestions" className="card-head-action">
                  All suggestions
                </Link>
              }
            />
          </div>
        </>
      )}
    </Page>
  );
}

/** Nothing measured and nothing planned for this app: the page shows the way there instead of zeros. Followers belong to the accounts, not to an app. */
function isBare({ kpis, otherCurrencies, goingOut, firstSteps }: Home): boolean {
  const { visitors, signups, newMrr, impressions } = kpis;
  const measured = visitors.value + signups.value + newMrr.value + impressions.value + otherCurrencies.length;
  return !firstSteps.trackerSeen && goingOut.length === 0 && measured === 0;
}

function greeting(zone: string): string {
  const hour = Number(timeIn(new Date(), zone).slice(0, 2));
  return hour < 5 ? 'Good night' : hour < 12 ? 'Good morning' : hour < 18 ? 'Good afternoon' : 'Good evening';
}

/** What goes out today, in a sentence. */
function today({ goingOut }: Home, zone: string): string {
  const now = dayIn(new Date(), zone);
  const due = new Set(
    goingOut.filter(({ day, state }) => day === now && state === 'scheduled').map(({ postId }) => postId),
  ).size;
  const next = goingOut.find(({ state }) => state === 'scheduled');
  if (due > 0) return `${due === 1 ? 'One post goes' : `${counted(due, 'post')} go`} out today.`;
  return next
    ? `Nothing goes out today. Next is ${dateTime(next.at, zone)}.`
    : 'Nothing is scheduled. Plan the next post.';
}

function HomeSkeleton() {
  return (
    <div role="status" aria-label="Loading">
      <SkeletonCard height={398} />
      <div className="row" data-split="2-1">
        <SkeletonCard height={360} />
        <SkeletonCard height={360} />
      </div>
    </div>
  );
}
