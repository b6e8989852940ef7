import type { UseQueryResult } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { count, counted, day } from '#web/format.ts';
import { Loaded } from '#web/parts/loaded.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';
import type { Results, Template } from './queries.ts';

export type ResultsState = UseQueryResult<Results>;

const outcomes = {
  better: { word: 'Above your average', tone: 'pos' },
  worse: { word: 'Below your average', tone: 'neg' },
  no_difference: { word: 'No difference found', tone: undefined },
  not_enough_data: { word: 'Not enough data', tone: 'dashed' },
} as const;

/** What became of its posts, against all of the app's, with the posts it rests on. */
export function Performance({ template, results }: { template: Template; results: ResultsState }) {
  const { posts, published, visits, signups } = template.performance;
  if (posts === 0) return <p className="sub">No post was made from it yet.</p>;
  return (
    <div className="template-results">
      <p className="sub">
        {counted(posts, 'post')}, {count(published)} published, {counted(visits, 'visit')},{' '}
        {count(Math.round(signups * 10) / 10)} signups
      </p>
      <Loaded query={results} title="The comparison did not load" skeleton={<SkeletonLines lines={1} />}>
        {(data) => {
          const result = data.templates.find(({ templateId }) => templateId === template.id);
          if (!result) return <p className="sub">None of its posts has been out for seven measured days yet.</p>;
          const { word, tone } = outcomes[result.outcome];
          return (
            <>
              <p>
                <span className="tag" data-tone={tone}>
                  {word}
                </span>{' '}
                {result.ratio !== null && <strong className="num">{result.ratio.toFixed(2)}×</strong>} {result.message}
                {result.own !== null &&
                  ` ${Math.round(result.own * 100)}% of this is its own posts, the rest what all templates bring.`}
              </p>
              <details>
                <summary>{counted(result.measuredPosts, 'measured post')}</summary>
                <ul>
                  {result.posts.map((post) => (
                    <li key={post.id}>
                      <Link to="/posts/$postId" params={{ postId: post.id }} className="clip">
                        {post.title}
                      </Link>
                      <span className="num sub">
                        {day(post.publishedAt, data.timeZone)}, {counted(post.visits, 'visit')}
                      </span>
                    </li>
                  ))}
                </ul>
              </details>
            </>
          );
        }}
      </Loaded>
    </div>
  );
}
