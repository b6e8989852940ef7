import { Drawer } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useHouse } from '#web/app.tsx';
import { counted, dateTime, day, money, percent } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { DataTable } from '#web/parts/data-table.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { Segmented } from '#web/parts/segmented.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';
import { gradeWords, kindWords, type Receipt, shortModelWords } from './words.ts';

const kinds = ['purchase', 'signup', 'trial', 'goal'] as const;

/** The newest conversions; each opens its receipt. */
export function Receipts({ appId, onOpen }: { appId: string; onOpen: (conversionId: string) => void }) {
  const { timeZone } = useHouse();
  const [kind, setKind] = useState<(typeof kinds)[number]>('purchase');
  const query = useQuery({
    queryKey: ['conversions', appId, kind],
    queryFn: () => api.conversions.list({ appId, kind, limit: 12 }),
  });
  return (
    <Card title="Receipts" sub="a receipt for each">
      <div className="credit-kinds">
        <Segmented
          label="Receipts of"
          value={kind}
          onChange={setKind}
          options={kinds.map((value) => ({ value, label: kindWords[value] }))}
        />
      </div>
      <Loaded
        query={query}
        skeleton={
          <div className="card-body">
            <SkeletonLines lines={6} />
          </div>
        }
      >
        {({ conversions }) => (
          <DataTable
            caption="Newest conversions"
            height="two"
            rows={conversions}
            rowKey={(one) => one.id}
            empty="None of this kind yet."
            columns={[
              {
                key: 'what',
                head: 'What happened',
                cell: (one) => (
                  <>
                    <div className="clip cell-title">
                      {one.goalName ?? kindWords[one.kind]}
                      {one.person && ` of ${one.person}`}
                    </div>
                    <div className="cell-meta num">{dateTime(one.occurredAt, timeZone)}</div>
                  </>
                ),
              },
              {
                key: 'from',
                head: 'Credited to',
                hideOnPhone: true,
                cell: (one) => (
                  <div className="cell-quiet clip">
                    {one.postTitle ?? one.source ?? (one.attributedAt ? 'Nobody knows' : 'Not settled yet')}
                  </div>
                ),
              },
              {
                key: 'value',
                head: 'Money',
                align: 'right',
                width: '100px',
                cell: (one) =>
                  one.value && one.kind === 'purchase' ? (
                    money(one.value.minor, one.value.currency)
                  ) : (
                    <span className="cell-none">–</span>
                  ),
              },
              {
                key: 'open',
                head: '',
                align: 'right',
                width: '100px',
                cell: (one) => (
                  <Button size="small" onClick={() => onOpen(one.id)}>
                    Receipt
                  </Button>
                ),
              },
            ]}
          />
        )}
      </Loaded>
    </Card>
  );
}

/** Everything the credits of one conversion rest on. */
export function ReceiptDrawer({ conversionId, onClose }: { conversionId: string; onClose: () => void }) {
  const query = useQuery({
    queryKey: ['attribution', 'receipt', conversionId],
    queryFn: () => api.attribution.receipt({ conversionId }),
  });
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
      <Loaded query={query} title="The receipt did not load" skeleton={<SkeletonLines lines={8} />}>
        {(receipt) => <InFull receipt={receipt} />}
      </Loaded>
    </Drawer>
  );
}

function InFull({ receipt }: { receipt: Receipt }) {
  const { timeZone } = useHouse();
  const { amount, net, tax } = receipt;
  const isMoney = receipt.kind === 'purchase' && amount !== null;
  return (
    <div className="stack">
      <div>
        <strong className="cell-strong">
          {kindWords[receipt.kind]}
          {receipt.person && ` of ${receipt.person}`}
        </strong>
        <p className="sub num">{dateTime(receipt.occurredAt, timeZone)}</p>
      </div>
      {isMoney && (
        <dl className="receipt-shares num">
          <Line name="Paid" value={money(amount.minor, amount.currency)} />
          {tax && tax.minor !== '0' && <Line name="Tax" value={money(tax.minor, tax.currency)} />}
          {receipt.returns.map((one) => (
            <Line
              key={`${one.kind} ${String(one.at)}`}
              name={`${one.kind === 'refund' ? 'Refunded' : one.kind === 'dispute' ? 'Disputed' : 'Dispute won'} ${day(one.at, timeZone)}`}
              value={money(one.amount.minor, one.amount.currency)}
            />
          ))}
          {net && <Line name="Left of it" value={money(net.minor, net.currency)} />}
        </dl>
      )}
      {receipt.frozenAt === null ? (
        <p className="sub">It is not settled yet: a payment waits up to an hour for word of who paid.</p>
      ) : (
        <p className="sub num">
          Settled {dateTime(receipt.frozenAt, timeZone)}, {counted(receipt.windowDays ?? 0, 'day')} back.
          {receipt.versions.length > 0 &&
            ` ${receipt.versions.map((one) => `${shortModelWords[one.model]} version ${one.version}`).join(', ')}.`}
        </p>
      )}
      {!receipt.attributed && receipt.frozenAt !== null && (
        <p>Nobody knows where this came from: no visit, no code and no answer leads to it.</p>
      )}
      {receipt.touches.map((touch) => (
        <section
          key={touch.touchId}
          className="receipt-touch"
          aria-label={`${touch.source}, ${dateTime(touch.at, timeZone)}`}
        >
          <header>
            <strong className="cell-strong">
              {touch.post ? (
                <Link to="/posts/$postId" params={{ postId: touch.post.id }}>
                  {touch.post.title}
                </Link>
              ) : (
                touch.source
              )}
            </strong>
            <span className="sub num">{dateTime(touch.at, timeZone)}</span>
          </header>
          <p className="sub">
            {[
              touch.post && touch.source,
              touch.channel,
              touch.campaign?.name,
              touch.account && `@${touch.account}`,
              touch.affiliate && `Affiliate ${touch.affiliate}`,
              touch.told && `“${touch.told}”`,
              touch.grade && gradeWords[touch.grade],
            ]
              .filter(Boolean)
              .join(' · ')}
          </p>
          <dl className="receipt-shares num">
            {touch.credits.map((credit) => (
              <Line
                key={credit.model}
                name={shortModelWords[credit.model]}
                value={isMoney ? money(credit.netMinor, amount.currency) : percent(credit.share)}
              />
            ))}
          </dl>
        </section>
      ))}
    </div>
  );
}

function Line({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
