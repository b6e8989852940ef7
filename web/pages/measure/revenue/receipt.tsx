import { Drawer } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { dateTime, day, money, percent } from '#web/format.ts';
import { Loaded } from '#web/parts/loaded.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';
import { type Receipt, receiptQuery } from './queries.ts';

const gradeWords: Record<string, string> = {
  click_id: 'by the click',
  checkout_metadata: 'by the checkout',
  code: 'by a code',
  server_event: 'told by the app',
  self_report: 'as they said',
  timing: 'by the address',
};

const modelWords: Record<string, string> = {
  first: 'First touch',
  last: 'Last touch',
  last_non_direct: 'Last non-direct',
  linear: 'Linear',
  time_decay: 'Time decay',
  position: 'Position',
  markov: 'Markov',
  shapley: 'Shapley',
};

/** Everything a payment rests on: a receipt for each dollar. */
export function ReceiptDrawer({ paymentId, zone, onClose }: { paymentId: string; zone: string; onClose: () => void }) {
  const receipt = useQuery(receiptQuery(paymentId));
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size={560}
      title="Receipt"
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      <Loaded query={receipt} title="The receipt did not load" skeleton={<SkeletonLines lines={12} />}>
        {(shown) => <Sheet receipt={shown} zone={zone} />}
      </Loaded>
    </Drawer>
  );
}

function Sheet({ receipt, zone }: { receipt: Receipt; zone: string }) {
  const write = (amount: { minor: string; currency: string }) => money(amount.minor, amount.currency);
  const { reported, customer } = receipt;
  return (
    <div className="receipt stack">
      <div className="receipt-head">
        <strong className="num">{write(receipt.amount)}</strong>
        <span className="sub">
          {dateTime(receipt.paidAt, zone)}, {receipt.source}, {receipt.reference}
        </span>
      </div>
      <Part title="Money">
        <Line name="Paid" value={write(receipt.amount)} />
        {BigInt(receipt.tax.minor) > 0n && <Line name="Of it tax" value={write(receipt.tax)} />}
        {receipt.refunds.map((refund) => (
          <Line
            key={`${refund.reference} ${refund.kind}`}
            name={`${refund.kind === 'dispute_won' ? 'Dispute won' : refund.kind === 'dispute' ? 'Dispute' : 'Refund'}, ${day(refund.refundedAt, zone)}${refund.status === 'succeeded' ? '' : `, ${refund.status}`}`}
            value={write(refund.amount)}
          />
        ))}
        <Line name="Left, before fees" value={write(receipt.net)} strong />
        {receipt.fees.map((fee) => (
          <Line key={fee.reference} name="Fee" value={write(fee.amount)} />
        ))}
        {reported && reported.currency !== receipt.amount.currency && (
          <Line name={`In ${reported.currency} at the rate of ${day(reported.day, 'UTC')}`} value={write(reported)} />
        )}
        {!reported && <p className="sub">Waits for the exchange rate of its day.</p>}
      </Part>
      <Part title="Who paid">
        {customer ? (
          <>
            <Line
              name={customer.name ?? customer.person ?? 'Known to the provider only'}
              value={customer.person ?? ''}
            />
            {customer.links.map((link) => (
              <p className="sub" key={`${link.kind} ${link.grade} ${String(link.linkedAt)}`}>
                {link.kind.replaceAll('_', ' ')}, {gradeWords[link.grade] ?? link.grade},{' '}
                {dateTime(link.linkedAt, zone)}
              </p>
            ))}
          </>
        ) : (
          <p className="sub">Nobody has told yet. It is joined when somebody does.</p>
        )}
        {receipt.subscription && (
          <Line name="Subscription" value={receipt.subscription.plan ?? receipt.subscription.reference} />
        )}
      </Part>
      <Part title="What brought it">
        {receipt.credits.length === 0 && (
          <p className="sub">Not settled yet. It waits an hour for who paid to be told.</p>
        )}
        {[...Map.groupBy(receipt.credits, (credit) => credit.model)].map(([model, credits]) => (
          <div key={model} className="receipt-model">
            <span className="sub">{modelWords[model] ?? model}</span>
            <ul>
              {credits.map((credit, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: the credits of a frozen payment do not move.
                <li key={index}>
                  <span>
                    {credit.postId !== null ? (
                      <Link className="link" to="/posts/$postId" params={{ postId: credit.postId }}>
                        {credit.postTitle}
                      </Link>
                    ) : (
                      (credit.source ?? credit.channel ?? 'Unattributed')
                    )}
                    {credit.grade && <span className="sub"> {gradeWords[credit.grade] ?? credit.grade}</span>}
                  </span>
                  <span className="num">
                    {write(credit.amount)} <span className="sub">{percent(credit.share)}</span>
                  </span>
                </li>
              ))}
            </ul>
          </div>
        ))}
      </Part>
      {receipt.statement.length > 0 && (
        <Part title="What the provider states">
          {receipt.statement.map((line) => (
            <Line
              key={`${line.about} ${String(line.occurredAt)} ${line.net.minor}`}
              name={`${line.about}, ${day(line.occurredAt, 'UTC')}${line.payout ? `, payout ${line.payout}${line.arrivesOn ? `, in the bank ${day(line.arrivesOn, 'UTC')}` : ''}` : ''}`}
              value={write(line.net)}
            />
          ))}
        </Part>
      )}
      <Part title="Told by">
        {receipt.events.map((event) => (
          <Line key={event.id} name={event.kind} value={dateTime(event.occurredAt ?? event.receivedAt, zone)} />
        ))}
      </Part>
    </div>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h3>{title}</h3>
      {children}
    </section>
  );
}

function Line({ name, value, strong = false }: { name: string; value: string; strong?: boolean }) {
  return (
    <p className="receipt-line">
      <span>{name}</span>
      {strong ? <strong className="num">{value}</strong> : <span className="num">{value}</span>}
    </p>
  );
}
