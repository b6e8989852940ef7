import { useQuery } from '@tanstack/react-query';
import { Check, CircleAlert, ExternalLink, Info, TriangleAlert } from 'lucide-react';
import { useHouse } from '#web/app.tsx';
import { count, day } from '#web/format.ts';
import { Card } from '#web/parts/card.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { pagesQuery, type ReadPage } from './queries.ts';
import { pageKindWords, shortUrl } from './words.ts';

const severities = {
  fix: ['To mend', CircleAlert, 'neg'],
  improve: ['Could be better', TriangleAlert, 'warn'],
  info: ['Good to know', Info, undefined],
} as const;

/** Which pages were read, when, and what could be better on them. */
export function PagesTab({ appId }: { appId: string }) {
  const pages = useQuery(pagesQuery(appId));
  return (
    <Loaded query={pages} skeleton={<SkeletonCard height={320} />}>
      {(all) => {
        const own = all.filter((page) => page.competitor === null);
        const theirs = all.filter((page) => page.competitor !== null);
        return (
          <>
            <Card title="Your pages" sub={<span className="num">{count(own.length)}</span>}>
              {own.length === 0 && (
                <p className="table-empty">No page was read yet. Read the pages to see them here.</p>
              )}
              <ul className="fact-group">
                {own.map((page) => (
                  <PageRow key={page.id} page={page} />
                ))}
              </ul>
            </Card>
            {theirs.length > 0 && (
              <Card title="Pages of competitors" sub={<span className="num">{count(theirs.length)}</span>}>
                <ul className="fact-group">
                  {theirs.map((page) => (
                    <PageRow key={page.id} page={page} />
                  ))}
                </ul>
              </Card>
            )}
          </>
        );
      }}
    </Loaded>
  );
}

function PageRow({ page }: { page: ReadPage }) {
  const { timeZone } = useHouse();
  const { title, url, kind, competitor, findings } = page;
  return (
    <li className="fact">
      <div className="fact-text">
        <p className="fact-statement">
          {title || shortUrl(url)}
          <a className="sub fact-link" href={url} target="_blank" rel="noreferrer">
            {shortUrl(url)}
            <ExternalLink size={11} aria-hidden="true" />
          </a>
        </p>
        <p className="sub num">
          {competitor ? `${competitor.name}, ${pageKindWords[kind].toLowerCase()}` : pageKindWords[kind]}. First read{' '}
          {day(page.firstSeenAt, timeZone)}
          {page.changedAt && page.versions > 1 && `, its words last changed ${day(page.changedAt, timeZone)}`}
          {page.goneAt && `, gone since ${day(page.goneAt, timeZone)}`}.
        </p>
        {findings.length > 0 && (
          <ul className="page-findings">
            {findings.map((finding) => (
              <Finding key={finding.id} finding={finding} />
            ))}
          </ul>
        )}
      </div>
      {!competitor && !page.goneAt && findings.length === 0 && (
        <div className="fact-actions">
          <span className="tag" data-tone="pos">
            <Check size={12} aria-hidden="true" />
            Nothing to mend
          </span>
        </div>
      )}
    </li>
  );
}

function Finding({ finding: { severity, message, fix } }: { finding: ReadPage['findings'][number] }) {
  const [word, Icon, tone] = severities[severity];
  return (
    <li>
      <span className="tag" data-tone={tone}>
        <Icon size={12} aria-hidden="true" />
        {word}
      </span>
      <div>
        <p>{message}</p>
        <p className="sub">{fix}</p>
      </div>
    </li>
  );
}
