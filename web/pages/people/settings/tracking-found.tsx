import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { counted, day, relative } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';

type Tracking = Awaited<ReturnType<typeof api.tracking.get>>;
type Shown = { appId: string; tracking: Tracking; refreshes: string[][] };

/** What was not taken in, in the words its sender got. */
export function RefusalsCard({ tracking }: Pick<Shown, 'tracking'>) {
  if (tracking.refusals.length === 0) return null;
  return (
    <Card title="Not counted in the last 30 days">
      <ul className="refusals">
        {tracking.refusals.map((refusal) => (
          <li key={refusal.reason}>
            <span>{refusal.words}</span>
            <span className="sub num">{counted(refusal.times, 'time')}</span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** Bots by name, and what the owner has decided about them. */
export function AgentsCard({ appId, tracking, refreshes }: Shown) {
  const deciding = useChange(api.tracking.reclassify, {
    refreshes,
    says: 'Decided. The totals of the days concerned are being counted again.',
  });
  const decide = (agentName: string, verdict: 'bot' | 'person' | null) =>
    deciding.mutate({ appId, agentName, verdict });
  const decided = new Map(tracking.decisions.map((one) => [one.agentName, one.verdict]));
  const found = tracking.agents.filter(({ name }) => name !== '' && !decided.has(name)).slice(0, 12);
  return (
    <Card title="Bots, previews and what is unsure" sub="Last 30 days; bots and previews are not in your figures">
      {found.length === 0 && tracking.decisions.length === 0 ? (
        <p className="sub agents-none">None so far.</p>
      ) : (
        <ul className="refusals">
          {tracking.decisions.map(({ agentName, verdict }) => (
            <li key={agentName}>
              <span>
                {agentName}{' '}
                <span className="sub">counts as {verdict === 'bot' ? 'a bot' : 'people'}: your decision</span>
              </span>
              <Button size="small" busy={deciding.isPending} onClick={() => decide(agentName, null)}>
                Take back
              </Button>
            </li>
          ))}
          {found.map(({ name, agentClass, visits }) => (
            <li key={`${agentClass} ${name}`}>
              <span>
                {name}{' '}
                <span className="sub">
                  {classWords[agentClass] ?? agentClass}, {counted(visits, 'visit')}
                </span>
              </span>
              <Button
                size="small"
                busy={deciding.isPending}
                onClick={() => decide(name, agentClass === 'unsure' ? 'bot' : 'person')}
              >
                {agentClass === 'unsure' ? 'Count as a bot' : 'Count as people'}
              </Button>
            </li>
          ))}
        </ul>
      )}
      {deciding.error && <ErrorNotice title="Not decided" error={deciding.error} />}
    </Card>
  );
}

const classWords: Record<string, string> = { bot: 'bot', preview: 'link preview', unsure: 'unsure, counts as people' };

/** Days that were counted again, and what that changed. */
export function RecountsCard({ appId, tracking, refreshes }: Shown) {
  const counting = useChange(api.tracking.recount, { refreshes, says: 'It will be counted again in a moment.' });
  return (
    <Card
      title="Counted again"
      sub="When bots, days or imported visits are decided anew, totals follow"
      action={
        <Button size="small" busy={counting.isPending} onClick={() => counting.mutate({ appId })}>
          Count all days again
        </Button>
      }
    >
      {tracking.recounts.length === 0 ? (
        <p className="sub agents-none">Never yet.</p>
      ) : (
        <ul className="refusals">
          {tracking.recounts.slice(0, 5).map((one) => (
            <li key={one.recountId}>
              <span>
                {reasonWords[one.reason]} <span className="sub">{spanOf(one)}</span>
              </span>
              <span className="sub num">{one.doneAt ? changed(one) : `asked for ${relative(one.requestedAt)}`}</span>
            </li>
          ))}
        </ul>
      )}
      {counting.error && <ErrorNotice title="Not counted again" error={counting.error} />}
    </Card>
  );
}

type Recount = Tracking['recounts'][number];

const reasonWords: Record<Recount['reason'], string> = {
  upgrade: 'After an update',
  time_zone: 'For another time zone',
  agents: 'For another view of bots',
  import: 'After an import',
  request: 'By hand',
};

function spanOf({ fromDay, untilDay }: Recount): string {
  return fromDay === untilDay ? day(fromDay) : `${day(fromDay)} to ${day(untilDay)}`;
}

function changed({ visitsBefore, visitsAfter }: Recount): string {
  const difference = (visitsAfter ?? 0) - (visitsBefore ?? 0);
  if (difference === 0) return 'nothing changed';
  return `${difference > 0 ? '+' : '−'}${counted(Math.abs(difference), 'visit')}`;
}
