import { time } from '#web/format.ts';
import { Card } from '#web/parts/card.tsx';
import type { Plan } from './queries.ts';
import { dayWords } from './words.ts';

/** The launch day by the clock of the workspace: first what has a moment, then what fits in between. */
export function LaunchDay({ plan, zone }: { plan: Plan; zone: string }) {
  const steps = plan.steps.filter((step) => step.daysFromLaunch === 0 && step.state !== 'skipped');
  const timed = steps
    .filter((step) => step.dueAt)
    .sort((a, b) => (a.dueAt?.getTime() ?? 0) - (b.dueAt?.getTime() ?? 0));
  const free = steps.filter((step) => !step.dueAt);
  return (
    <Card title="Launch day" sub={<span className="num">{dayWords(plan.launchOn)}</span>} padded>
      {steps.length === 0 ? (
        <p className="sub">Nothing is planned for the day itself. Add channels with a launch step.</p>
      ) : (
        <ol className="launch-clock">
          {timed.map((step) => (
            <li key={step.id} data-done={step.state === 'done' || undefined}>
              <time className="num">{step.dueAt && time(step.dueAt, zone)}</time>
              <span>{step.name}</span>
            </li>
          ))}
          {free.map((step) => (
            <li key={step.id} data-done={step.state === 'done' || undefined}>
              <time className="sub">any time</time>
              <span>{step.name}</span>
            </li>
          ))}
        </ol>
      )}
      <p className="sub">Times are in {zone}.</p>
    </Card>
  );
}
