import '#web/styles/forms.css';
import './alerts/alerts.css';
import { useQuery } from '@tanstack/react-query';
import { useAddress } from '#web/address.ts';
import { useApp } from '#web/app.tsx';
import { EmptyState } from '#web/parts/empty-state.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { Page } from '#web/parts/page.tsx';
import { Segmented } from '#web/parts/segmented.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { AlertItem } from './alerts/alert-item.tsx';
import { useAlertKeys, useDecisions } from './alerts/decide.ts';
import { alertsQuery } from './alerts/queries.ts';
import { Rules } from './alerts/rules.tsx';
import { Targets } from './alerts/targets.tsx';

const views = [
  { value: 'open', label: 'Open' },
  { value: 'history', label: 'History' },
  { value: 'rules', label: 'Rules' },
  { value: 'targets', label: 'Where they go' },
] as const;
type View = (typeof views)[number]['value'];

export function AlertsPage() {
  const app = useApp();
  const [asked, choose] = useAddress('show', 'open');
  const view = views.find(({ value }) => value === asked)?.value ?? 'open';
  return (
    <Page
      title="Alerts"
      intro="What needs you now, told once. The numbers are checked every hour."
      actions={<Segmented<View> label="Show" options={[...views]} value={view} onChange={choose} />}
    >
      {view === 'open' && <Open appId={app.id} />}
      {view === 'history' && <History appId={app.id} />}
      {view === 'rules' && <Rules appId={app.id} />}
      {view === 'targets' && <Targets />}
    </Page>
  );
}

function Open({ appId }: { appId: string }) {
  const query = useQuery(alertsQuery(appId, 'waiting'));
  const snoozed = useQuery(alertsQuery(appId, 'snoozed'));
  const decisions = useDecisions();
  useAlertKeys(decisions);
  const [asked] = useAddress('alert', '');
  const later = snoozed.data?.alerts ?? [];
  return (
    <Loaded query={query} title="The alerts did not load" skeleton={<SkeletonCard height={360} />}>
      {({ alerts }) => (
        <div className="stack">
          {asked !== '' && snoozed.data && ![...alerts, ...later].some(({ id }) => id === asked) && (
            <p className="sub">The alert you came for is over or was acknowledged; it stands in the history.</p>
          )}
          {alerts.length === 0 ? (
            <div className="card">
              <h2 className="hidden-text">Open</h2>
              <EmptyState title="Nothing needs you">
                The rules are checked every hour. What they look for, and how often they would have spoken, stands under
                “Rules”.
              </EmptyState>
            </div>
          ) : (
            <section className="card" aria-label="Open">
              <h2 className="hidden-text">Open</h2>
              <ul>
                {alerts.map((alert) => (
                  <AlertItem key={alert.id} alert={alert} decisions={decisions} />
                ))}
              </ul>
            </section>
          )}
          {alerts.length > 0 && (
            <p className="sub hide-on-phone">
              <kbd>J</kbd> <kbd>K</kbd> walk, <kbd>A</kbd> acknowledges, <kbd>S</kbd> snoozes for a day, <kbd>M</kbd>{' '}
              mutes.
            </p>
          )}
          {later.length > 0 && (
            <section className="card" aria-label="Snoozed">
              <header className="card-head">
                <h2>Snoozed</h2>
                <span>They come back for as long as they hold</span>
              </header>
              <ul>
                {later.map((alert) => (
                  <AlertItem key={alert.id} alert={alert} decisions={decisions} />
                ))}
              </ul>
            </section>
          )}
        </div>
      )}
    </Loaded>
  );
}

function History({ appId }: { appId: string }) {
  const query = useQuery(alertsQuery(appId, 'history'));
  return (
    <Loaded query={query} title="The history did not load" skeleton={<SkeletonCard height={360} />}>
      {({ alerts }) =>
        alerts.length === 0 ? (
          <div className="card">
            <h2 className="hidden-text">History</h2>
            <EmptyState title="Nothing is over yet">
              An alert comes here when its number is back, when its week as news is over, or when you acknowledge it.
            </EmptyState>
          </div>
        ) : (
          <section className="card" aria-label="History">
            <h2 className="hidden-text">History</h2>
            <ul>
              {alerts.map((alert) => (
                <AlertItem key={alert.id} alert={alert} />
              ))}
            </ul>
          </section>
        )
      }
    </Loaded>
  );
}
