import { TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Check, ExternalLink } from 'lucide-react';
import { useState } from 'react';
import { useHouse } from '#web/app.tsx';
import { count, counted, day } from '#web/format.ts';
import type { Analysis } from '#web/pages/understand/knowledge/queries.ts';
import { pageKindWords, shortUrl } from '#web/pages/understand/knowledge/words.ts';
import { Card } from '#web/parts/card.tsx';
import { EmptyState } from '#web/parts/empty-state.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { SkeletonCard, SkeletonLines } from '#web/parts/skeleton.tsx';
import { Changed } from './changed.tsx';
import { PageReport } from './page-report.tsx';
import { type OwnPage, pageQuery, pagesQuery } from './queries.ts';

/** The pages that were read, what each says and how it is made, what changed, and what was left out. */
export function PagesTab({ appId, analysis }: { appId: string; analysis: Analysis | null }) {
  const pages = useQuery(pagesQuery(appId));
  const [sought, setSought] = useState('');
  return (
    <>
      <Loaded query={pages} skeleton={<SkeletonCard height={320} />}>
        {(all) => {
          if (all.length === 0)
            return (
              <EmptyState title="No page was read yet" ghost={false}>
                Read the app to see its pages here, with what they say and how they are made.
              </EmptyState>
            );
          const words = sought.trim().toLowerCase();
          const found = all.filter((page) => `${page.url} ${page.title ?? ''}`.toLowerCase().includes(words));
          return (
            <Card
              title="Pages"
              sub={<span className="num">{count(all.filter((page) => !page.goneAt).length)}</span>}
              action={
                all.length > 8 && (
                  <TextInput
                    size="xs"
                    aria-label="Find a page"
                    placeholder="Find a page"
                    value={sought}
                    onChange={(event) => setSought(event.currentTarget.value)}
                  />
                )
              }
            >
              {found.length === 0 && <p className="table-empty">No page has these words in its title or address.</p>}
              <ul className="fact-group">
                {found.map((page) => (
                  <PageRow key={page.id} appId={appId} page={page} />
                ))}
              </ul>
            </Card>
          );
        }}
      </Loaded>
      <Changed appId={appId} />
      {analysis && <LeftOut analysis={analysis} />}
    </>
  );
}

function PageRow({ appId, page }: { appId: string; page: OwnPage }) {
  const { timeZone } = useHouse();
  const [open, setOpen] = useState(false);
  const { title, url, kind, findings } = page;
  const counted_ = findings.filter((finding) => !finding.ignored);
  return (
    <li>
      <details className="page-row" onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          <span className="fact-text">
            <span className="fact-statement">{title || shortUrl(url)}</span>
            <span className="sub num">
              {shortUrl(url)}. {pageKindWords[kind]}
              {page.changedAt && page.versions > 1 && `, changed ${day(page.changedAt, timeZone)}`}
              {page.goneAt && `, gone since ${day(page.goneAt, timeZone)}`}
            </span>
          </span>
          {!page.goneAt && kind !== 'readme' && kind !== 'store' && (
            <span className="tag num" data-tone={toneOf(counted_)}>
              {counted_.length === 0 ? (
                <>
                  <Check size={12} aria-hidden="true" />
                  Nothing to mend
                </>
              ) : (
                counted(counted_.length, 'finding')
              )}
            </span>
          )}
        </summary>
        {open && <Report appId={appId} pageId={page.id} url={url} />}
      </details>
    </li>
  );
}

function Report({ appId, pageId, url }: { appId: string; pageId: string; url: string }) {
  const page = useQuery(pageQuery(appId, pageId));
  return (
    <div className="page-report">
      <a className="fact-link" href={url} target="_blank" rel="noreferrer">
        Open {shortUrl(url)}
        <ExternalLink size={11} aria-hidden="true" />
      </a>
      <Loaded query={page} skeleton={<SkeletonLines lines={6} />}>
        {(details) => <PageReport page={details} />}
      </Loaded>
    </div>
  );
}

const outcomeWords: Record<Analysis['pages'][number]['outcome'], string> = {
  read: 'Read',
  unchanged: 'Unchanged',
  duplicate: 'A copy',
  script_only: 'No text without scripts',
  soft_404: 'Only looks like a page',
  moved_off: 'Leads elsewhere',
  disallowed: 'Left alone',
  no_page: 'No page',
  missing: 'Not there',
  failed: 'Not read',
  left: 'Not opened',
};

/** What the last reading came to and did not take, with the reason. */
function LeftOut({ analysis }: { analysis: Analysis }) {
  const left = analysis.pages.filter((page) => page.outcome !== 'read' && page.outcome !== 'unchanged');
  if (left.length === 0) return null;
  return (
    <Card title="Left out by the last reading" sub={<span className="num">{count(left.length)}</span>}>
      <ul className="fact-group left-out">
        {left.map((page) => (
          <li className="fact" key={page.url}>
            <span className="tag">{outcomeWords[page.outcome]}</span>
            <span className="fact-text">
              <span className="break-all">{shortUrl(page.url)}</span>
              {page.note && <span className="sub">{page.note}</span>}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function toneOf(findings: OwnPage['findings']): 'neg' | 'warn' | 'pos' | undefined {
  if (findings.length === 0) return 'pos';
  if (findings.some((finding) => finding.severity === 'fix')) return 'neg';
  return findings.some((finding) => finding.severity === 'improve') ? 'warn' : undefined;
}
