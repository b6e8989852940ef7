import { useQuery } from '@tanstack/react-query';
import { CircleAlert, Clock, Zap } from 'lucide-react';
import { api } from '#web/api.ts';
import { useHouse } from '#web/app.tsx';
import { count, counted, dateTime, relative } from '#web/format.ts';
import { Card } from '#web/parts/card.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { Page } from '#web/parts/page.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';
import './flow.css';

type Flow = Awaited<ReturnType<typeof api.flow.list>>;
type Line = Flow['lines'][number];

const flowQuery = {
  queryKey: ['flow.list'],
  queryFn: () => api.flow.list({}),
  refetchInterval: 10_000,
} as const;

/** The loop as the server runs it: what sets what off, and how it went last time. */
export function FlowPage() {
  const flow = useQuery(flowQuery);
  return (
    <Page
      title="What happens by itself"
      intro="One thing sets off the next, from your app’s page to the next suggestion. Nothing is published without your approval."
    >
      <div className="row" data-split="2-1">
        <div className="stack">
          <Loaded query={flow} title="The list did not load" skeleton={<StagesToCome />}>
            {({ lines }) => stagesOf(lines).map(([stage, own]) => <Stage key={stage} title={stage} lines={own} />)}
          </Loaded>
        </div>
        <div>
          <Card title="What happened lately">
            <Loaded query={flow} skeleton={<Padded lines={10} />}>
              {({ recent }) => <Recent recent={recent} />}
            </Loaded>
          </Card>
        </div>
      </div>
    </Page>
  );
}

function Stage({ title, lines }: { title: string; lines: Line[] }) {
  return (
    <Card title={title} sub={counted(lines.length, 'rule')}>
      <ul className="flow">
        {lines.map((line) => (
          <li key={`${line.when} ${line.does}`} className="flow-line">
            <span className="flow-icon">
              {line.trigger === 'activity' ? (
                <Zap size={15} strokeWidth={1.75} aria-hidden="true" />
              ) : (
                <Clock size={15} strokeWidth={1.75} aria-hidden="true" />
              )}
            </span>
            <div className="flow-text">
              <span className="sub">{whenWords(line)}</span>
              <strong>{sentence(line.does)}</strong>
              {line.lastRun?.outcome === 'failed' && (
                <p className="flow-failure">
                  <CircleAlert size={13} aria-hidden="true" />
                  {line.lastRun.message ?? 'It failed without saying why. The server log knows more.'}
                </p>
              )}
            </div>
            <LastRun line={line} />
          </li>
        ))}
      </ul>
    </Card>
  );
}

function LastRun({ line }: { line: Line }) {
  const { timeZone } = useHouse();
  const run = line.lastRun;
  if (line.trigger === 'tick')
    return (
      <div className="flow-when">
        <span>Always on</span>
        <span className="sub">looks every second</span>
      </div>
    );
  return (
    <div className="flow-when num">
      <span data-outcome={run?.outcome} title={run ? dateTime(run.startedAt, timeZone) : undefined}>
        {run
          ? `${outcomes[run.outcome]} ${relative(run.startedAt)}`
          : line.nextRunAt
            ? 'Not run yet'
            : 'Not needed yet'}
      </span>
      <span className="sub">
        {line.nextRunAt ? `next ${dateTime(line.nextRunAt, timeZone)}` : line.runs > 0 ? counted(line.runs, 'run') : ''}
        {line.failures > 0 ? `, ${count(line.failures)} failed` : ''}
      </span>
    </div>
  );
}

function Recent({ recent }: { recent: Flow['recent'] }) {
  const { timeZone } = useHouse();
  if (recent.length === 0)
    return <p className="table-empty">Nothing yet. Add your app, and the first line appears within a second.</p>;
  return (
    <ul className="flow-recent">
      {runsOf(recent).map((each, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the list is replaced as a whole.
        <li key={index}>
          <span>
            {activityWords(each.name)}
            {each.times > 1 && <span className="sub num">, {each.times} times</span>}
          </span>
          <time
            className="sub num"
            dateTime={each.happenedAt.toISOString()}
            title={dateTime(each.happenedAt, timeZone)}
          >
            {relative(each.happenedAt)}
          </time>
        </li>
      ))}
    </ul>
  );
}

function StagesToCome() {
  return (
    <div className="stack">
      {[3, 2, 4].map((lines) => (
        <div className="card card-body" key={lines} style={{ minHeight: lines * 62 }}>
          <SkeletonLines lines={lines} />
        </div>
      ))}
    </div>
  );
}

function Padded({ lines }: { lines: number }) {
  return (
    <div className="card-body">
      <SkeletonLines lines={lines} />
    </div>
  );
}

const outcomes = { done: 'Done', failed: 'Failed', running: 'Running since' };

const stages = ['understand', 'plan', 'distribute', 'measure', 'grow'] as const;

function stagesOf(lines: Line[]): [string, Line[]][] {
  return stages
    .map((stage): [string, Line[]] => [
      stage[0]!.toUpperCase() + stage.slice(1),
      lines.filter((line) => line.stage === stage),
    ])
    .filter(([, own]) => own.length > 0);
}

const periods: Record<string, string> = {
  second: 'Every second',
  tick: 'Every second',
  hour: 'Every hour',
  day: 'Every day',
  monday: 'Every Monday',
  month: 'On the first of the month',
  quarter: 'On the first day of a quarter',
  year: 'On New Year’s Day',
};

function whenWords(line: Line): string {
  if (line.trigger !== 'activity') return periods[line.when] ?? `Every ${line.when}`;
  const [noun = '', verb = ''] = line.when.split('.');
  return `When ${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${spaced(noun)} is ${spaced(verb)}`;
}

/** The same thing several times in a row is told once, with the newest moment. */
function runsOf(recent: Flow['recent']) {
  const runs: (Flow['recent'][number] & { times: number })[] = [];
  for (const each of recent) {
    const last = runs.at(-1);
    if (last?.name === each.name) last.times++;
    else runs.push({ ...each, times: 1 });
  }
  return runs;
}

/** `post.approved` → `Post approved`. */
function activityWords(name: string): string {
  return sentence(name.split('.').map(spaced).join(' '));
}

function spaced(word: string): string {
  return word
    .replaceAll('_', ' ')
    .replaceAll(/([a-z])([A-Z])/g, (_, before, after) => `${before} ${after.toLowerCase()}`);
}

function sentence(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
