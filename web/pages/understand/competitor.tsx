import '#web/styles/forms.css';
import './competitors/competitors.css';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { ExternalLink, RefreshCw } from 'lucide-react';
import { api } from '#web/api.ts';
import { useApp } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { count, counted, dateTime, day } from '#web/format.ts';
import { Button, LinkButton } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { EvidenceQuote } from '#web/parts/evidence-quote.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { Page } from '#web/parts/page.tsx';
import { platformName } from '#web/parts/platform-icon.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { tell } from '#web/tell.ts';
import { AddressForm } from './competitors/address-form.tsx';
import { ChangeList } from './competitors/feed.tsx';
import { competitorQuery, competitorsKey, type Whole } from './competitors/queries.ts';
import { categoryWords, hostOf, priceWords } from './competitors/words.ts';

/** One competitor: who it is, what it asks, where it is stronger, and what it changed. */
export function CompetitorPage() {
  const app = useApp();
  const { id } = useParams({ from: '/inside/competitors/$id' });
  const query = useQuery(competitorQuery(app.id, id));
  const reading = useChange(api.competitors.read, {
    refreshes: [competitorsKey(app.id)],
    after: ({ changes, trouble }) =>
      void tell({
        message: trouble ?? (changes === 0 ? 'Read. No change is confirmed.' : `Read. ${counted(changes, 'change')}.`),
        autoClose: 4000,
      }),
  });
  const one = query.data;
  return (
    <Page
      title={one?.name ?? 'Competitor'}
      intro={one?.tagline ?? undefined}
      actions={
        <>
          <LinkButton to="/competitors">All competitors</LinkButton>
          {one?.state === 'watched' && one.url && (
            <Button busy={reading.isPending} onClick={() => reading.mutate({ competitorId: id })}>
              {!reading.isPending && <RefreshCw size={14} aria-hidden="true" />}
              Read now
            </Button>
          )}
        </>
      }
    >
      {reading.error && <ErrorNotice title="Not read" error={reading.error} />}
      <Loaded query={query} title="This competitor did not load" skeleton={<SkeletonCard height={460} />}>
        {(whole) => (
          <div className="stack">
            <ProfileCard appId={app.id} one={whole} />
            <div className="rival-pair">
              <AssessmentCard one={whole} />
              <PriceCard one={whole} />
            </div>
            <Card title="What changed" sub={<span className="num">{count(whole.changes.length)}</span>}>
              {whole.changes.length === 0 ? (
                <p className="table-empty">Nothing changed since the first reading.</p>
              ) : (
                <ChangeList changes={whole.changes} />
              )}
            </Card>
            <div className="rival-pair">
              <PresenceCard one={whole} />
              <PagesCard one={whole} />
            </div>
          </div>
        )}
      </Loaded>
    </Page>
  );
}

function ProfileCard({ appId, one }: { appId: string; one: Whole }) {
  const rows: [string, string | null][] = [
    ['Positioning', one.positioning],
    ['Description', one.description],
    ['Category', one.category && categoryWords(one.category)],
    ['How it sells', one.marketingStrategy],
    ['What it publishes', one.contentStrategy],
    ['Built with', one.technology.join(', ') || null],
    ['Last read', one.lastReadAt ? dateTime(one.lastReadAt) : null],
  ];
  const known = rows.filter(([, value]) => value);
  return (
    <Card
      title="Profile"
      action={
        one.url && (
          <a className="sub fact-link" href={one.url} target="_blank" rel="noreferrer">
            {hostOf(one.url)} <ExternalLink size={11} aria-hidden="true" />
          </a>
        )
      }
    >
      {one.trouble && (
        <p className="table-empty" role="status">
          The last reading ended early: {one.trouble}
        </p>
      )}
      {known.length === 0 ? (
        <p className="table-empty">
          {one.url
            ? 'Its pages have not been read yet.'
            : 'It is known by name alone. With its address, its pages are read every day.'}
        </p>
      ) : (
        <dl className="rival-facts">
          {known.map(([label, value]) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
      {!one.url && (
        <div className="card-body">
          <AddressForm appId={appId} competitorId={one.id} name={one.name} />
        </div>
      )}
    </Card>
  );
}

function AssessmentCard({ one }: { one: Whole }) {
  return (
    <Card title="Strengths and weaknesses">
      {one.assessments.length === 0 ? (
        <p className="table-empty">Its pages say nothing that could be held against yours yet.</p>
      ) : (
        <ul className="rival-assessments">
          {one.assessments.map(({ kind, statement, quote, quoteUrl }) => (
            <li key={statement}>
              <p>
                <span className="tag" data-tone={kind === 'strength' ? 'warn' : 'pos'}>
                  {kind === 'strength' ? 'Strength' : 'Weakness'}
                </span>{' '}
                {statement}
              </p>
              {quote && (
                <EvidenceQuote
                  quote={quote}
                  {...(quoteUrl ? { page: { title: hostOf(quoteUrl), url: quoteUrl } } : {})}
                />
              )}
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function PriceCard({ one }: { one: Whole }) {
  return (
    <Card title="Prices" padded>
      {one.prices.length === 0 ? (
        <p className="sub">No price found on the pages that could be read.</p>
      ) : (
        <dl className="price-list">
          {one.prices.map((price) => (
            <div key={`${price.plan} ${price.price.minor} ${price.every} ${price.billed}`}>
              <dt>{price.plan}</dt>
              <dd className="num">
                {priceWords(price)} <span className="sub">since {day(price.seenFrom)}</span>
              </dd>
            </div>
          ))}
        </dl>
      )}
    </Card>
  );
}

function PresenceCard({ one }: { one: Whole }) {
  return (
    <Card title="Presence" padded>
      {one.profiles.length === 0 ? (
        <p className="sub">Its pages link no profiles.</p>
      ) : (
        <dl className="price-list">
          {one.profiles.map((profile) => (
            <div key={`${profile.platform} ${profile.handle}`}>
              <dt>
                {platformName(profile.platform)} <span className="sub">{profile.handle}</span>
              </dt>
              <dd className="num">
                {profile.followers === null ? (
                  <span className="sub">{profile.trouble ?? 'Not looked at yet'}</span>
                ) : (
                  counted(profile.followers, 'follower')
                )}
                {profile.postsPerWeek !== null && <span className="sub"> {profile.postsPerWeek} posts a week</span>}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </Card>
  );
}

function PagesCard({ one }: { one: Whole }) {
  return (
    <Card title="Pages that are read" padded>
      {one.pages.length === 0 ? (
        <p className="sub">None yet.</p>
      ) : (
        <dl className="price-list">
          {one.pages.map((page) => (
            <div key={page.url}>
              <dt>
                <a className="fact-link" href={page.url} target="_blank" rel="noreferrer">
                  {new URL(page.url).pathname}
                </a>
              </dt>
              <dd className="sub">
                {page.state === 'read' && page.readAt ? `Read ${day(page.readAt)}` : page.message}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </Card>
  );
}
