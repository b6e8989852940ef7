import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ExternalLink } from 'lucide-react';
import { useState } from 'react';
import { useAddress } from '#web/address.ts';
import { count, day } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { Segmented } from '#web/parts/segmented.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { type Change, changesQuery, type Severity } from './queries.ts';
import { kindWords, severityWords } from './words.ts';

const filters: { value: Severity; label: string }[] = [
  { value: 'low', label: 'All' },
  { value: 'medium', label: 'Medium and high' },
  { value: 'high', label: 'High' },
];

/** What all of them changed, newest first. */
export function FeedCard({ appId, watched }: { appId: string; watched: number }) {
  const [least, choose] = useAddress('severity', 'low');
  const severity = filters.find((one) => one.value === least)?.value ?? 'low';
  const changes = useQuery(changesQuery(appId, severity));
  return (
    <Card
      title="What changed"
      action={<Segmented<Severity> label="Severity" options={filters} value={severity} onChange={choose} />}
    >
      <Loaded query={changes} skeleton={<SkeletonCard height={220} />}>
        {(all) =>
          all.length === 0 ? (
            <p className="table-empty">
              {watched === 0
                ? 'Nobody is watched yet. Add a competitor by its address, and what it changes stands here.'
                : severity === 'low'
                  ? 'Nothing changed since the first reading. Prices, plans, features and words are compared every day; dates, counters and banners do not count.'
                  : 'No change of this severity yet.'}
            </p>
          ) : (
            <ChangeList changes={all} />
          )
        }
      </Loaded>
    </Card>
  );
}

/** So many stand at once; the others are a click away. */
const FIRST = 12;

/** Changes with before and after; of whom, where that is not clear. */
export function ChangeList({ changes }: { changes: Change[] }) {
  const [all, showAll] = useState(false);
  return (
    <>
      <ul className="changes">
        {(all ? changes : changes.slice(0, FIRST)).map((change) => (
          <ChangeRow key={change.id} change={change} />
        ))}
      </ul>
      {!all && changes.length > FIRST && (
        <div className="card-body">
          <Button onClick={() => showAll(true)}>Show all {count(changes.length)}</Button>
        </div>
      )}
    </>
  );
}

function ChangeRow({ change }: { change: Change }) {
  return (
    <li className="change">
      <div className="change-head">
        <span
          className="tag"
          data-tone={change.severity === 'high' ? 'neg' : change.severity === 'medium' ? 'warn' : undefined}
        >
          {severityWords[change.severity]}
        </span>
        <span className="sub">{kindWords[change.kind]}</span>
        {change.competitor && (
          <Link to="/competitors/$id" params={{ id: change.competitor.id }} className="change-who">
            {change.competitor.name}
          </Link>
        )}
        <span className="sub num change-day">{day(change.foundAt)}</span>
      </div>
      <p>{change.sentence ?? change.after ?? change.before}</p>
      {change.kind !== 'post' && !tellsBoth(change) && (
        <dl className="change-sides">
          <div>
            <dt>Before</dt>
            <dd>{change.before ?? 'Not there'}</dd>
          </div>
          <div>
            <dt>After</dt>
            <dd>{change.after ?? 'Gone'}</dd>
          </div>
        </dl>
      )}
      {change.url && (
        <a className="sub fact-link" href={change.url} target="_blank" rel="noreferrer">
          {change.kind === 'post' ? 'Read it' : `On the page${change.place ? `, ${change.place}` : ''}`}
          <ExternalLink size={11} aria-hidden="true" />
        </a>
      )}
    </li>
  );
}

/** Whether the sentence names both sides in full; a long side is cut there. A plan that comes or goes has one side only. */
function tellsBoth({ sentence, before, after, what }: Change): boolean {
  if (sentence !== null && /^plan_(?:added|removed)$/.test(what)) return true;
  return sentence !== null && [before, after].every((side) => side === null || sentence.includes(side));
}
