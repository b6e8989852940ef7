import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useHouse } from '#web/app.tsx';
import { counted, dateTime } from '#web/format.ts';
import { shortUrl } from '#web/pages/understand/knowledge/words.ts';
import { Card } from '#web/parts/card.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { type PageDetails, pageChangesQuery } from './queries.ts';

/** How the words of the pages changed, and what became false by it. */
export function Changed({ appId }: { appId: string }) {
  const { timeZone } = useHouse();
  const changes = useQuery(pageChangesQuery(appId));
  return (
    <Loaded query={changes} skeleton={<SkeletonCard height={140} />}>
      {(all) => (
        <Card title="What changed on your pages">
          {all.length === 0 && (
            <p className="table-empty">
              Nothing yet. The pages are looked at every week, and when you read them again.
            </p>
          )}
          <ul className="fact-group">
            {all.map(({ page, at, lines, facts }) => (
              <li key={`${page.id} ${at.toISOString()}`}>
                <details className="page-row">
                  <summary>
                    <span className="fact-text">
                      <span className="fact-statement">{page.title || shortUrl(page.url)}</span>
                      <span className="sub num">
                        {dateTime(at, timeZone)}, {counted(lines.length, 'line')} changed
                        {facts.length > 0 && `, ${counted(facts.length, 'fact')} no longer found`}
                      </span>
                    </span>
                  </summary>
                  <Lines lines={lines} />
                  {facts.length > 0 && (
                    <p className="sub page-report">
                      No longer found: {facts.map((fact) => `“${fact.statement}”`).join(', ')}. Posts that rested on
                      what was retired went back to review. <Link to="/knowledge">Look at the facts</Link>
                    </p>
                  )}
                </details>
              </li>
            ))}
          </ul>
        </Card>
      )}
    </Loaded>
  );
}

/** Lines that came and went. */
export function Lines({ lines }: { lines: PageDetails['history'][number]['changes'] }) {
  return (
    <ul className="diff-lines">
      {lines.map((line, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the same line can come twice, and none ever moves.
        <li key={at} data-kind={line.kind}>
          <span aria-hidden="true">{line.kind === 'added' ? '+' : '−'}</span>
          <span className="hidden-text">{line.kind === 'added' ? 'New: ' : 'Gone: '}</span>
          {line.text}
        </li>
      ))}
    </ul>
  );
}
