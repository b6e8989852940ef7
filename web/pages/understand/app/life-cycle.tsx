import { NativeSelect, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { appsQuery, useHouse } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { dateTime, day } from '#web/format.ts';
import { optionsOf, stageWords, statusWords } from '#web/pages/understand/knowledge/words.ts';
import { Card } from '#web/parts/card.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { type AppDetails, appQuery } from './queries.ts';

/** Where the app stands, since when, and who said so. */
export function LifeCycle({ appId }: { appId: string }) {
  const app = useQuery(appQuery(appId));
  return (
    <Loaded query={app} skeleton={<SkeletonCard height={260} />}>
      {(details) => <Stages app={details} />}
    </Loaded>
  );
}

function Stages({ app }: { app: AppDetails }) {
  const { timeZone } = useHouse();
  const [launchOn, setLaunchOn] = useState(app.launchOn ?? '');
  const saving = useChange(api.apps.update, {
    refreshes: [appsQuery.queryKey, appQuery(app.id).queryKey, ['launch']],
    says: 'Saved',
  });
  const stages = Object.keys(stageWords) as AppDetails['stage'][];
  return (
    <Card title="Life cycle" padded>
      <div className="stack" data-gap="small">
        <ol className="stage-line" aria-label="Stage">
          {stages.map((stage) => (
            <li key={stage}>
              <button
                type="button"
                aria-current={stage === app.stage ? 'step' : undefined}
                data-past={stages.indexOf(stage) < stages.indexOf(app.stage) || undefined}
                disabled={saving.isPending}
                onClick={() => stage !== app.stage && saving.mutate({ appId: app.id, stage })}
              >
                {stageWords[stage]}
              </button>
            </li>
          ))}
        </ol>
        <div className="pair">
          <NativeSelect
            label="Status"
            data={optionsOf(statusWords)}
            value={app.status}
            onChange={(event) =>
              saving.mutate({ appId: app.id, status: event.currentTarget.value as AppDetails['status'] })
            }
          />
          <TextInput
            label="Launch day"
            type="date"
            value={launchOn}
            onChange={(event) => setLaunchOn(event.currentTarget.value)}
            onBlur={() =>
              launchOn !== (app.launchOn ?? '') && saving.mutate({ appId: app.id, launchOn: launchOn || null })
            }
          />
        </div>
        {app.launchOn && (
          <p className="sub">
            The <Link to="/launch">launch plan</Link> counts from {day(`${app.launchOn}T12:00:00Z`, 'UTC')}.
          </p>
        )}
        {saving.error && <ErrorNotice title="Not saved" error={saving.error} />}
        <h3 className="quiet-head">History</h3>
        {app.lifeCycle.length === 0 && (
          <p className="sub">Nothing has changed since it was added {day(app.createdAt, timeZone)}.</p>
        )}
        <ol className="life-history">
          {app.lifeCycle.map((change) => (
            <li key={`${change.aspect} ${change.changedAt.toISOString()}`}>
              <span>
                {change.aspect === 'stage' ? 'Stage' : 'Status'} from <b>{wordOf(change.fromValue)}</b> to{' '}
                <b>{wordOf(change.toValue)}</b>
              </span>
              <span className="sub num">
                {dateTime(change.changedAt, timeZone)}
                {change.changedBy && `, by ${change.changedBy}`}
              </span>
            </li>
          ))}
        </ol>
      </div>
    </Card>
  );
}

function wordOf(value: string | null): string {
  const words: Record<string, string> = { ...stageWords, ...statusWords };
  return value === null ? 'nothing' : (words[value] ?? value);
}
