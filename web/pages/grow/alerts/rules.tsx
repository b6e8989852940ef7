import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useHouse } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { dateTime } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { ConfirmDialog } from '#web/parts/confirm-dialog.tsx';
import { EmptyState } from '#web/parts/empty-state.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { mutesQuery, type Rule, rulesQuery } from './queries.ts';
import { RuleDialog } from './rule-form.tsx';
import { ruleWords, severityWords } from './words.ts';

export function Rules({ appId }: { appId: string }) {
  const query = useQuery(rulesQuery(appId));
  const [editing, setEditing] = useState<Rule | 'new' | null>(null);
  return (
    <div className="stack">
      <Loaded query={query} title="The rules did not load" skeleton={<SkeletonCard height={360} />}>
        {({ rules }) => (
          <Card
            title="Rules"
            action={
              <Button size="small" look="primary" onClick={() => setEditing('new')}>
                New rule
              </Button>
            }
          >
            {rules.length === 0 ? (
              <EmptyState title="No rules" ghost={false}>
                Without a rule nothing is ever told. Make one, and see at once how often it would have spoken.
              </EmptyState>
            ) : (
              <ul>
                {rules.map((rule) => (
                  <RuleItem key={rule.id} rule={rule} onEdit={() => setEditing(rule)} />
                ))}
              </ul>
            )}
          </Card>
        )}
      </Loaded>
      <Mutes appId={appId} />
      {editing && (
        <RuleDialog appId={appId} rule={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />
      )}
    </div>
  );
}

function RuleItem({ rule, onEdit }: { rule: Rule; onEdit: () => void }) {
  const { currency } = useHouse();
  const [removing, setRemoving] = useState(false);
  const refreshes = [['alert-rules'], ['alerts']];
  const muting = useChange(api.alertRules.mute, { refreshes });
  const leaving = useChange(api.alertRules.remove, {
    refreshes,
    says: 'Rule removed',
    after: () => setRemoving(false),
  });
  const isMuted = rule.mutedUntil !== null && rule.mutedUntil > new Date();
  const inAWeek = () => new Date(Date.now() + 7 * 86_400_000).toISOString();
  return (
    <li className="alert-rule">
      <div>
        <h3>{rule.name}</h3>
        <p className="sub">{ruleWords(rule, currency)}</p>
        <p className="sub">
          {severityWords[rule.severity]}
          {isMuted && `, muted until ${dateTime(rule.mutedUntil!)}`}
        </p>
      </div>
      <div className="alert-foot">
        <Button size="small" onClick={onEdit} aria-label={`Change: ${rule.name}`}>
          Change
        </Button>
        <Button
          size="small"
          look="quiet"
          busy={muting.isPending}
          onClick={() => muting.mutate({ ruleId: rule.id, until: isMuted ? null : inAWeek() })}
          aria-label={`${isMuted ? 'Unmute' : 'Mute for a week'}: ${rule.name}`}
        >
          {isMuted ? 'Unmute' : 'Mute for a week'}
        </Button>
        <Button size="small" look="quiet" onClick={() => setRemoving(true)} aria-label={`Remove: ${rule.name}`}>
          Remove
        </Button>
      </div>
      <ConfirmDialog
        opened={removing}
        title={`Remove “${rule.name}”?`}
        confirm="Remove rule"
        danger
        busy={leaving.isPending}
        error={leaving.error}
        onConfirm={() => leaving.mutate({ ruleId: rule.id })}
        onClose={() => setRemoving(false)}
      >
        <p>Its alerts stay in the history; an open one ends.</p>
      </ConfirmDialog>
    </li>
  );
}

function Mutes({ appId }: { appId: string }) {
  const query = useQuery(mutesQuery(appId));
  const unmuting = useChange(api.alerts.unmute, { refreshes: [['alert-mutes']], says: 'Alerts may speak of it again' });
  const mutes = query.data?.mutes ?? [];
  if (mutes.length === 0) return null;
  return (
    <Card title="Muted" sub="No alert is raised about these, whatever the rule">
      <ul>
        {mutes.map(({ subject, label, until }) => (
          <li key={subject} className="alert-rule">
            <div>
              <h3>{label}</h3>
              <p className="sub">{until ? `until ${dateTime(until)}` : 'for good'}</p>
            </div>
            <Button
              size="small"
              busy={unmuting.isPending}
              onClick={() => unmuting.mutate({ appId, subject })}
              aria-label={`Unmute: ${label}`}
            >
              Unmute
            </Button>
          </li>
        ))}
      </ul>
    </Card>
  );
}
