import { useQuery } from '@tanstack/react-query';
import { useHouse } from '#web/app.tsx';
import { count, dateTime } from '#web/format.ts';
import { type Difference, differenceQuery } from './queries.ts';
import { kindWords } from './words.ts';
import './changes.css';

/** What the last reading saw otherwise than the one before; nothing when it saw everything for the first time. */
export function Changes({ appId }: { appId: string }) {
  const { timeZone } = useHouse();
  const { data } = useQuery(differenceQuery(appId));
  if (!data?.analysis?.finishedAt) return null;
  const reworded = data.seenAgain.filter((fact) => fact.reworded);
  const first = data.seenAgain.length === 0 && data.noLongerFound.length === 0;
  const nothing = data.found.length + data.noLongerFound.length + reworded.length === 0;
  if (first) return null;
  return (
    <details className="card changes" open={!nothing && undefined}>
      <summary>
        <h2>Since the last reading</h2>
        <span className="num changes-counts">
          <span data-tone={data.found.length > 0 ? 'pos' : undefined}>{count(data.found.length)} new</span>
          <span>{count(data.seenAgain.length)} seen again</span>
          <span data-tone={data.noLongerFound.length > 0 ? 'warn' : undefined}>
            {count(data.noLongerFound.length)} no longer found
          </span>
        </span>
        <time className="sub num hide-on-phone">{dateTime(data.analysis.finishedAt, timeZone)}</time>
      </summary>
      <div className="card-body stack">
        {nothing && <p className="sub">Your pages say what they said before.</p>}
        <Group title="New" mark="+" facts={data.found} />
        <Group title="Said differently" mark="~" facts={reworded} />
        <Group title="No longer found" mark="−" facts={data.noLongerFound} />
      </div>
    </details>
  );
}

function Group({ title, mark, facts }: { title: string; mark: string; facts: Difference['found'] }) {
  if (facts.length === 0) return null;
  return (
    <div>
      <h3 className="changes-title">{title}</h3>
      <ul className="changes-list">
        {facts.map((fact) => (
          <li key={fact.id} data-mark={mark}>
            <i aria-hidden="true">{mark}</i>
            <div>
              {fact.reworded && <s className="sub">{fact.reworded.before}</s>}
              <span>{fact.reworded?.after ?? fact.statement}</span> <span className="sub">{kindWords[fact.kind]}</span>
            </div>
          </li>
        ))}
      </ul>
    </div>
  );
}
