import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Activity, ArrowLeftRight, Info, TrendingUp } from 'lucide-react';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { count, counted, day, percent } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { errorWords } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { Course } from './course.tsx';

export type Insight = Awaited<ReturnType<typeof api.insights.list>>['insights'][number];
type Evidence = Awaited<ReturnType<typeof api.insights.get>>['evidence'][number];

const kinds = {
  anomaly: ['Anomaly', Activity],
  change: ['Change', TrendingUp],
  comparison: ['Comparison', ArrowLeftRight],
  fact: ['Fact', Info],
} as const;
const together = {
  post: 'Post',
  release: 'Release',
  campaign: 'Campaign',
  note: 'Note',
  competitor: 'Competitor',
  price: 'Price',
} as const;

/** One finding: the sentence, its course, what happened around its beginning, how sure it is, and its rows. */
export function InsightItem({ insight }: { insight: Insight }) {
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const dismiss = useMutation({
    mutationFn: () => api.insights.dismiss({ insightId: insight.id }),
    onError: (error) =>
      notifications.show({ color: 'red', title: 'The finding was not put away', message: errorWords(error) }),
    onSettled: () => queries.invalidateQueries(),
  });
  const [word, Icon] = kinds[insight.kind];
  const severe = insight.severity === 'high';
  return (
    <li className="insight" id={`insight-${insight.id}`}>
      <div className="insight-head">
        <span className="tag" data-tone={severe ? 'warn' : undefined}>
          <Icon size={12} aria-hidden="true" />
          {severe ? `${word}, look at this` : word}
        </span>
        <span className="sub num">{stateWords(insight)}</span>
      </div>
      <p className="insight-sentence">{insight.sentence}</p>
      <p className="sub num">{sureWords(insight)}</p>
      <Course
        points={insight.course}
        since={insight.startsAt ? insight.startsAt.toISOString().slice(0, 10) : null}
        label={insight.sentence}
      />
      {insight.coincidences.length > 0 && (
        <>
          <p className="sub">Within two days of its beginning. That they came together does not make one the cause.</p>
          <ul className="insight-together">
            {insight.coincidences.map((one) => (
              <li key={`${one.kind}${one.day}${one.title}`}>
                <span className="sub num">{day(one.day)}</span>
                <span>
                  {together[one.kind]}:{' '}
                  {one.kind === 'post' && one.rowId ? <PostLink id={one.rowId} title={one.title} /> : one.title}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
      <div className="insight-actions">
        <Button size="small" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? 'Hide the rows' : `Show ${counted(insight.evidenceRows, 'row')}`}
        </Button>
        {insight.closedAt === null && (
          <Button size="small" busy={dismiss.isPending} onClick={() => dismiss.mutate()}>
            Put away
          </Button>
        )}
      </div>
      {open && <Rows insightId={insight.id} />}
    </li>
  );
}

function Rows({ insightId }: { insightId: string }) {
  const query = useQuery({ queryKey: ['insight', insightId], queryFn: () => api.insights.get({ insightId }) });
  return (
    <Loaded query={query} title="The rows did not load">
      {({ evidence, suggestions }) => (
        <>
          <table className="insight-rows">
            <caption className="hidden-text">What it rests on</caption>
            <thead>
              <tr>
                <th scope="col">Row</th>
                <th scope="col" className="num">
                  Counted
                </th>
                {evidence.some(({ expected }) => expected !== null) && (
                  <th scope="col" className="num">
                    Expected
                  </th>
                )}
              </tr>
            </thead>
            <tbody>
              {evidence.toReversed().map((row, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: the rows have no name of their own and do not move.
                <tr key={index}>
                  <td>
                    <Source row={row} />
                  </td>
                  <td className="num">{row.value === null ? '' : number(row.value)}</td>
                  {evidence.some(({ expected }) => expected !== null) && (
                    <td className="num">{row.expected === null ? '' : number(row.expected)}</td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
          {suggestions.length > 0 && (
            <p className="sub">
              Suggested because of it: {suggestions.map(({ title }) => title).join(', ')}. See{' '}
              <Link to="/suggestions">Suggestions</Link>.
            </p>
          )}
        </>
      )}
    </Loaded>
  );
}

/** Rows that have a page of their own lead to it. */
function Source({ row }: { row: Evidence }) {
  return row.tableName === 'posts' && row.rowId ? <PostLink id={row.rowId} title={row.label} /> : row.label;
}

function PostLink({ id, title }: { id: string; title: string }) {
  return (
    <Link to="/posts/$postId" params={{ postId: id }}>
      {title}
    </Link>
  );
}

function number(value: string): string {
  const read = Number(value);
  return Number.isInteger(read) ? count(read) : read.toFixed(1);
}

function stateWords({ dismissedAt, closedAt, startsAt, foundAt, kind }: Insight): string {
  if (dismissedAt) return `Put away ${day(dismissedAt)}`;
  if (closedAt) return `Found ${day(foundAt)}, over ${day(closedAt)}`;
  return startsAt && (kind === 'anomaly' || kind === 'change') ? `Since ${day(startsAt)}` : `Found ${day(foundAt)}`;
}

/** How sure it is: the interval of the size, and how often chance alone would show as much. */
function sureWords({ effect, effectLow, effectHigh, chance, kind }: Insight): string {
  if (effect === null || effectLow === null)
    return kind === 'fact' ? 'Counted, nothing to be unsure about.' : chanceWords(chance);
  const range = `${effect.toFixed(2)} times, ${effectLow.toFixed(2)} to ${effectHigh === null ? 'no upper end' : effectHigh.toFixed(2)} with 95% confidence.`;
  return kind === 'anomaly' ? `${range} One alarm by chance in some hundred days.` : `${range} ${chanceWords(chance)}`;
}

function chanceWords(chance: number | null): string {
  if (chance === null) return '';
  return `Chance alone: ${chance < 0.001 ? 'below 0.1%' : percent(chance)}, with all that was looked at counted in.`;
}
