import { useQuery } from '@tanstack/react-query';
import { pageKindWords, shortUrl } from '#web/pages/understand/knowledge/words.ts';
import { Card } from '#web/parts/card.tsx';
import { DataTable } from '#web/parts/data-table.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { type Covered, coverageQuery } from './queries.ts';
import { listed, placeWords } from './words.ts';

/** Which phrase each page is best for, and where the page does not say it. */
export function CoverageCard({ appId, onOpen }: { appId: string; onOpen: (keywordId: string) => void }) {
  const query = useQuery(coverageQuery(appId));
  return (
    <Loaded query={query} title="The pages did not load" skeleton={<SkeletonCard height={360} />}>
      {(pages) => (
        <Card title="Your pages" sub="the phrase each is best for">
          <DataTable<Covered>
            caption="Own pages with the phrase each serves"
            height="two"
            rows={pages}
            rowKey={(page) => page.pageId}
            empty="No page has been read yet."
            columns={[
              {
                key: 'page',
                head: 'Page',
                cell: (page) => (
                  <>
                    <div className="clip">{page.title ?? shortUrl(page.url)}</div>
                    <div className="cell-meta clip">
                      {pageKindWords[page.pageKind as keyof typeof pageKindWords]}, {shortUrl(page.url)}
                    </div>
                  </>
                ),
              },
              {
                key: 'keyword',
                head: 'Phrase',
                cell: (page) =>
                  page.keyword ? (
                    <button type="button" className="keyword-open clip" onClick={() => onOpen(page.keyword?.id ?? '')}>
                      {page.keyword.phrase}
                    </button>
                  ) : (
                    <span className="sub">None of your phrases</span>
                  ),
              },
              {
                key: 'missing',
                head: 'What to do',
                hideOnPhone: true,
                cell: (page) => <span className="keyword-todo">{todo(page)}</span>,
              },
            ]}
          />
        </Card>
      )}
    </Loaded>
  );
}

function todo({ keyword, missing }: Covered): string {
  if (!keyword) return 'Decide what this page should be found by, and say it in the title.';
  if (missing.length === 0) return 'Nothing: title, description and heading say it.';
  return `Say it in the ${listed(missing.map((place) => placeWords[place]))}.`;
}
