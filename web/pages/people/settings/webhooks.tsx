import { useQuery } from '@tanstack/react-query';
import { Plus, Webhook as WebhookIcon } from 'lucide-react';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useHouse } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { counted, dateTime, relative } from '#web/format.ts';
import { Button, LinkButton } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { ConfirmDialog } from '#web/parts/confirm-dialog.tsx';
import { EmptyState } from '#web/parts/empty-state.tsx';
import { ErrorNotice, Notice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';
import { StatusBadge } from '#web/parts/status-badge.tsx';
import { SecretDialog, WebhookDialog } from './webhook-form.tsx';
import { WebhookLog } from './webhook-log.tsx';
import { type Webhook, webhooksQuery } from './webhook-queries.ts';
import './webhooks.css';

/** Where signed notes of what happens here go, how each place stands, and what it was sent. */
export function WebhooksSection() {
  const webhooks = useQuery(webhooksQuery);
  const [adding, setAdding] = useState(false);
  const add = (
    <Button look="primary" onClick={() => setAdding(true)}>
      <Plus size={15} aria-hidden="true" />
      Add a webhook
    </Button>
  );
  return (
    <>
      <Card
        title="Webhooks"
        action={
          <LinkButton to="/docs/$" params={{ _splat: 'webhooks' }} look="quiet" size="small">
            How to receive them
          </LinkButton>
        }
      >
        <Loaded
          query={webhooks}
          title="The webhooks did not load"
          skeleton={
            <div className="card-body">
              <SkeletonLines lines={4} />
            </div>
          }
        >
          {(all) =>
            all.length === 0 ? (
              <EmptyState title="No webhooks yet" ghost={false} action={add}>
                A webhook tells a program of yours when something happens here: a post went out, a payment came in, an
                alert was raised. Each note is signed and comes at least once.
              </EmptyState>
            ) : (
              <>
                <ul>
                  {all.map((webhook) => (
                    <WebhookItem key={webhook.id} webhook={webhook} />
                  ))}
                </ul>
                <div className="card-body">{add}</div>
              </>
            )
          }
        </Loaded>
      </Card>
      {adding && <WebhookDialog onClose={() => setAdding(false)} />}
    </>
  );
}

function WebhookItem({ webhook }: { webhook: Webhook }) {
  const [dialog, setDialog] = useState<'edit' | 'remove' | 'rotate' | null>(null);
  const [logShown, setLogShown] = useState(false);
  const refreshes = [webhooksQuery.queryKey, ['webhooks.deliveries', webhook.id]];
  const close = () => setDialog(null);
  const testing = useChange(api.webhooks.test, { refreshes });
  const replaying = useChange(api.webhooks.replay, { refreshes, says: 'On their way again' });
  const removing = useChange(api.webhooks.remove, { refreshes, says: 'Removed', after: close });
  const switching = useChange(api.webhooks.update, { refreshes });
  const { id: webhookId, url, activities, failed, switchedOffAt } = webhook;
  const name = webhook.name || new URL(url).host;
  return (
    <li className="account">
      <div className="account-head">
        <WebhookIcon size={16} strokeWidth={1.75} aria-hidden="true" />
        <div className="account-name">
          <strong>{name}</strong>
          <span className="sub webhook-url">{url}</span>
        </div>
        <WebhookState webhook={webhook} />
      </div>
      <div className="account-body stack" data-gap="small">
        <p className="sub">{wanted(activities)}</p>
        <Trouble webhook={webhook} />
        {testing.data?.arrived && (
          <p className="sub" role="status">
            The test arrived. {testing.data.message}
          </p>
        )}
        {testing.data && !testing.data.arrived && (
          <Notice tone="neg" title="The test was not taken">
            {testing.data.message}
          </Notice>
        )}
        {testing.error && <ErrorNotice title="The test was not sent" error={testing.error} />}
        {replaying.error && <ErrorNotice title="Not sent again" error={replaying.error} />}
        {switching.error && <ErrorNotice title="Not changed" error={switching.error} />}
        <div className="webhook-actions">
          <Button
            size="small"
            busy={testing.isPending}
            onClick={() => testing.mutate({ webhookId })}
            aria-label={`Send a test: ${name}`}
          >
            Send a test
          </Button>
          {failed > 0 && !switchedOffAt && (
            <Button size="small" busy={replaying.isPending} onClick={() => replaying.mutate({ webhookId })}>
              Send {counted(failed, 'failed note')} again
            </Button>
          )}
          <Button size="small" look="quiet" onClick={() => setDialog('edit')} aria-label={`Edit: ${name}`}>
            Edit
          </Button>
          <Button size="small" look="quiet" onClick={() => setDialog('rotate')} aria-label={`New secret: ${name}`}>
            New secret
          </Button>
          <Button
            size="small"
            look="quiet"
            busy={switching.isPending}
            onClick={() => switching.mutate({ webhookId, isOn: switchedOffAt !== null })}
            aria-label={`Switch ${switchedOffAt ? 'on' : 'off'}: ${name}`}
          >
            Switch {switchedOffAt ? 'on' : 'off'}
          </Button>
          <Button size="small" look="quiet" onClick={() => setDialog('remove')} aria-label={`Remove: ${name}`}>
            Remove
          </Button>
        </div>
        <details className="account-more" onToggle={(event) => setLogShown(event.currentTarget.open)}>
          <summary aria-label={`What it was sent: ${name}`}>What it was sent</summary>
          <div>{logShown && <WebhookLog webhook={webhook} />}</div>
        </details>
      </div>
      {dialog === 'edit' && <WebhookDialog webhook={webhook} onClose={close} />}
      {dialog === 'rotate' && <SecretDialog webhookId={webhookId} name={name} onClose={close} />}
      <ConfirmDialog
        opened={dialog === 'remove'}
        title={`Remove ${name}?`}
        confirm="Remove"
        danger
        busy={removing.isPending}
        error={removing.error}
        onConfirm={() => removing.mutate({ webhookId })}
        onClose={close}
      >
        <p>Its log goes with it, and what waits for it is not sent.</p>
      </ConfirmDialog>
    </li>
  );
}

function WebhookState({ webhook: { switchedOffAt, failingSince, deliveredAt } }: { webhook: Webhook }) {
  if (switchedOffAt) return <StatusBadge status="failed" word="Switched off" />;
  if (failingSince) return <StatusBadge status="reconnect" word="Failing" />;
  if (deliveredAt) return <StatusBadge status="connected" word="Works" />;
  return <StatusBadge status="unknown" word="Not tested" />;
}

function Trouble({ webhook }: { webhook: Webhook }) {
  const { timeZone } = useHouse();
  const { switchedOffAt, switchedOffReason, failingSince, failures, waiting, waitsUntil, previousUntil } = webhook;
  const rests = waitsUntil && waitsUntil > new Date() ? `; tried again ${dateTime(waitsUntil, timeZone)}` : '';
  const lines = [
    switchedOffAt &&
      `Switched off ${relative(switchedOffAt)}. ${switchedOffReason} What waits is kept; what happens meanwhile is not sent.`,
    !switchedOffAt &&
      failingSince &&
      `Failing since ${dateTime(failingSince, timeZone)}, ${counted(failures, 'attempt')} in a row${rests}.`,
    waiting > 0 && `${counted(waiting, 'note waits', 'notes wait')} for it.`,
    previousUntil && `Signed with the old secret as well until ${dateTime(previousUntil, timeZone)}.`,
    webhook.url.startsWith('http:') &&
      'This address is not encrypted: anybody on the way can read the notes. Use https where you can.',
  ].filter((line) => typeof line === 'string');
  return lines.map((line) => (
    <p className="sub" key={line}>
      {line}
    </p>
  ));
}

function wanted(activities: string[]): string {
  if (activities.includes('*')) return 'Told of everything that happens here';
  const first = activities.slice(0, 4).join(', ');
  return activities.length > 4 ? `${first} and ${activities.length - 4} more` : first;
}
