import { LinkButton } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { EmptyState } from '#web/parts/empty-state.tsx';

/** Before the first payment: where to connect, or what is being waited for. */
export function NoMoney({ connected }: { connected: boolean }) {
  return (
    <Card title="Revenue">
      <EmptyState
        title={connected ? 'No payment yet' : 'Connect a payment provider'}
        {...(connected ? { waiting: 'Waiting for the first payment' } : {})}
        action={
          <LinkButton to="/settings/$section" params={{ section: 'payments' }} look={connected ? 'plain' : 'primary'}>
            {connected ? 'Check the connection' : 'Connect a provider'}
          </LinkButton>
        }
      >
        {connected
          ? 'A payment shows here within a minute. With an API key the history is read as well.'
          : 'Stripe, Lemon Squeezy, Paddle, Polar, RevenueCat, or your own app by the API. Each payment then leads back to the post that brought it.'}
      </EmptyState>
    </Card>
  );
}
