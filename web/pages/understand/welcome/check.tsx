import type { App } from '#web/app.tsx';
import { count, counted } from '#web/format.ts';
import { FactRow } from '#web/pages/understand/knowledge/fact.tsx';
import '#web/pages/understand/app/app.css';
import { Summary } from '#web/pages/understand/app/summary.tsx';
import type { Fact, Kind } from '#web/pages/understand/knowledge/queries.ts';
import { ReadingOutcome } from '#web/pages/understand/knowledge/reading.tsx';
import { Button, LinkButton } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { Notice } from '#web/parts/error-notice.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import type { Setup } from './progress.ts';

/** The kinds a week of posts stands or falls with; of each the surest facts are asked about. */
const askedAbout: [Kind, number][] = [
  ['value_proposition', 1],
  ['target_audience', 2],
  ['pain_point', 1],
  ['feature', 3],
  ['pricing', 2],
  ['selling_point', 1],
];

/** The few facts that matter most, to confirm or correct at once. */
export function Check({ app, setup }: { app: App; setup: Setup }) {
  const { facts, analysis } = setup;
  if (!facts) return <SkeletonCard height={480} />;
  const asked = askedAbout.flatMap(([kind, most]) => surest(facts.groups, kind, most));
  const all = facts.counts.proposed + facts.counts.confirmed + facts.counts.corrected;
  return (
    <>
      <Summary app={app} />
      {analysis && <ReadingOutcome analysis={analysis} onAgain={() => setup.starting.mutate(undefined)} />}
      {asked.length === 0 ? (
        <Notice
          title="The pages say little"
          tone="warn"
          action={
            <LinkButton to="/knowledge" size="small">
              Add facts
            </LinkButton>
          }
        >
          No fact was found that a post could be written from. Add two or three yourself: what it does, for whom, what
          it costs.
        </Notice>
      ) : (
        <Card
          title="Is this right?"
          sub={
            <span className="num">
              {asked.length} of {count(all)} facts
            </span>
          }
        >
          <ul className="fact-group">
            {asked.map((fact) => (
              <FactRow key={fact.id} fact={fact} withKind />
            ))}
          </ul>
        </Card>
      )}
      <div className="line">
        <Button look="primary" onClick={setup.check} disabled={all === 0}>
          Looks right, go on
        </Button>
        <LinkButton to="/knowledge" look="quiet">
          See all {counted(all, 'fact')}
        </LinkButton>
      </div>
    </>
  );
}

function surest(groups: { kind: Kind; facts: Fact[] }[], kind: Kind, most: number): Fact[] {
  return (groups.find((group) => group.kind === kind)?.facts ?? [])
    .filter((fact) => fact.state !== 'retired')
    .slice(0, most);
}
