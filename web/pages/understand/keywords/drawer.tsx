import { Drawer } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useHouse } from '#web/app.tsx';
import { counted, day } from '#web/format.ts';
import { shortUrl } from '#web/pages/understand/knowledge/words.ts';
import { Button } from '#web/parts/button.tsx';
import { EvidenceQuote } from '#web/parts/evidence-quote.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';
import { Spark } from '#web/parts/spark.tsx';
import { keywordQuery, type Shown } from './queries.ts';
import type { Decisions } from './table.tsx';
import { crowdWords, intentWords, kindWords, listed, placeWords, sourceWords } from './words.ts';

/** One phrase: the words it stands in, here and at competitors, the posts that use it, and why it is judged as it is. */
export function KeywordDrawer({
  appId,
  keywordId,
  decisions,
  onClose,
}: {
  appId: string;
  keywordId: string;
  decisions: Decisions;
  onClose: () => void;
}) {
  const query = useQuery(keywordQuery(appId, keywordId));
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size={560}
      title={query.data?.phrase ?? 'Phrase'}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      <Loaded query={query} title="The phrase did not load" skeleton={<SkeletonLines lines={10} />}>
        {(shown) => (
          <div className="stack">
            <Judged shown={shown} />
            <div className="line">
              {shown.state !== 'confirmed' && (
                <Button look="primary" onClick={() => decisions.confirm(shown.id)}>
                  I want to be found by this
                </Button>
              )}
              {shown.state !== 'retired' && <Button onClick={() => decisions.retire(shown.id)}>Retire</Button>}
            </div>
            <Pages title="On your pages" pages={shown.pages.filter((page) => page.competitor === null)} />
            <Pages title="At competitors" pages={shown.pages.filter((page) => page.competitor !== null)} />
            <Posts shown={shown} />
          </div>
        )}
      </Loaded>
    </Drawer>
  );
}

function Judged({ shown }: { shown: Shown }) {
  return (
    <dl className="keyword-facts">
      <dt>Kind</dt>
      <dd>
        {kindWords[shown.kind]}. <span className="sub">{sourceWords[shown.source]}.</span>
      </dd>
      <dt>Searched</dt>
      <dd>
        {intentWords[shown.intent]}. <span className="sub">{shown.intentReasons.join(' ')}</span>
      </dd>
      <dt>Crowded</dt>
      <dd>
        {shown.difficulty === null
          ? 'Unknown.'
          : `${crowdWords(shown.difficulty)}, ${Math.round(shown.difficulty * 100)} of 100.`}{' '}
        <span className="sub">{shown.difficultyReasons.join(' ')} An estimate: search volumes are not known.</span>
      </dd>
      {shown.missing.length > 0 && (
        <>
          <dt>Missing</dt>
          <dd>No page of yours has it in its {listed(shown.missing.map((place) => placeWords[place]))}.</dd>
        </>
      )}
    </dl>
  );
}

function Pages({ title, pages }: { title: string; pages: Shown['pages'] }) {
  if (pages.length === 0) return null;
  return (
    <section className="keyword-part">
      <h3>{title}</h3>
      {pages.map((page) => (
        <div key={page.pageId} className="keyword-page">
          <p>
            <a href={page.url} target="_blank" rel="noreferrer">
              {shortUrl(page.url)}
            </a>{' '}
            <span className="sub">
              {page.competitor && `${page.competitor}, `}
              {page.places.map(({ place, times }) => `${placeWords[place]} ${times}×`).join(', ')}
            </span>
          </p>
          {page.quotes.map((quote) => (
            <EvidenceQuote key={quote} quote={quote} />
          ))}
        </div>
      ))}
    </section>
  );
}

function Posts({ shown }: { shown: Shown }) {
  const { timeZone } = useHouse();
  const published = shown.use.reduce((sum, month) => sum + month.posts, 0);
  return (
    <section className="keyword-part">
      <h3>In your posts</h3>
      {shown.posts.length === 0 ? (
        <p className="sub">No post uses it yet.</p>
      ) : (
        <>
          <p className="line">
            <Spark values={shown.use.map((month) => month.posts)} />
            <span className="sub">{counted(published, 'published post')} in six months</span>
          </p>
          <ul className="keyword-posts">
            {shown.posts.slice(0, 12).map((post) => (
              <li key={post.postId}>
                <Link to="/posts/$postId" params={{ postId: post.postId }}>
                  {post.title}
                </Link>{' '}
                <span className="sub">
                  {post.status}, {day(post.at, timeZone)}
                </span>
                <EvidenceQuote quote={post.quote} />
              </li>
            ))}
          </ul>
          {shown.posts.length > 12 && <p className="sub">And {counted(shown.posts.length - 12, 'older one')}.</p>}
        </>
      )}
    </section>
  );
}
