import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { count, counted, percent } from '#web/format.ts';
import { Card } from '#web/parts/card.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { type Overview, overviewQuery } from './queries.ts';
import { kindWords } from './words.ts';

/** The groups of the knowledge: how complete each is, how sure, and what wants a look. */
export function Groups({ appId }: { appId: string }) {
  const overview = useQuery(overviewQuery(appId));
  return (
    <Loaded query={overview} title="The knowledge did not load" skeleton={<SkeletonCard height={420} />}>
      {({ groups, conflicts }) => (
        <>
          {conflicts.length > 0 && <Conflicts conflicts={conflicts} />}
          <div className="cards-grid">
            {groups.map((group) => (
              <GroupCard key={group.key} group={group} />
            ))}
          </div>
        </>
      )}
    </Loaded>
  );
}

function GroupCard({ group }: { group: Overview['groups'][number] }) {
  return (
    <Card
      title={
        <Link to="/knowledge/$group" params={{ group: group.key }} className="group-link">
          {group.title}
        </Link>
      }
      sub={<span className="num">{counted(group.facts, 'fact')}</span>}
      padded
    >
      <div className="stack" data-gap="small">
        <p className="sub">{group.asks}</p>
        <Meter label="Complete" value={group.complete} />
        {group.sure === null ? (
          <p className="sub">Nothing is known of this yet.</p>
        ) : (
          <Meter label="Sure" value={group.sure} />
        )}
        <div className="line">
          {group.kinds.map(({ kind, facts }) => (
            <span key={kind} className="tag" data-tone={facts === 0 ? 'dashed' : undefined}>
              {kindWords[kind]} <span className="num">{count(facts)}</span>
            </span>
          ))}
        </div>
        {group.facts > 0 && (
          <p className="sub num">
            {count(group.decided)} of {count(group.facts)} confirmed by you
            {group.stale > 0 && <span className="fact-missing">, {count(group.stale)} to look at again</span>}
            {group.conflicts > 0 && <span className="fact-missing">, {counted(group.conflicts, 'contradiction')}</span>}
          </p>
        )}
      </div>
    </Card>
  );
}

function Meter({ label, value }: { label: string; value: number }) {
  return (
    <div className="group-meter">
      <span>{label}</span>
      <span className="bar" data-tone={value < 0.5 ? 'warn' : undefined} aria-hidden="true">
        <i style={{ width: `${value * 100}%` }} />
      </span>
      <span className="num">{percent(Math.round(value * 100) / 100)}</span>
    </div>
  );
}

/** Facts that cannot both be true. */
export function Conflicts({ conflicts }: { conflicts: Overview['conflicts'] }) {
  return (
    <Card title="These contradict each other" sub={<span className="num">{count(conflicts.length)}</span>}>
      <ul className="conflicts">
        {conflicts.map(({ reason, facts }) => (
          <li key={facts.map(({ id }) => id).join()}>
            <p>{reason}</p>
            {facts.map((fact) => (
              <p key={fact.id} className="sub">
                {kindWords[fact.kind]}: {fact.statement}
              </p>
            ))}
          </li>
        ))}
      </ul>
    </Card>
  );
}
