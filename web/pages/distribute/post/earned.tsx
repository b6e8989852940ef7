import { useState } from 'react';
import { count, dateTime, money, percent } from '#web/format.ts';
import { gradeWords, kindWords, type Model, modelWords } from '#web/pages/measure/attribution/words.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { DataTable } from '#web/parts/data-table.tsx';
import { OtherCurrencies } from '#web/parts/other-currencies.tsx';
import type { Numbers } from './numbers.tsx';

/** Signups and revenue by each way of giving credit, and the receipt of every amount. */
export function Earned({ numbers, zone }: { numbers: Numbers; zone: string }) {
  const [all, setAll] = useState(false);
  const receipts = all ? numbers.receipts : numbers.receipts.slice(0, 8);
  return (
    <>
      <Card title="Signups and revenue" sub="by who gets the credit">
        <DataTable
          caption="Signups and revenue by attribution model"
          rows={numbers.revenueByModel}
          rowKey={({ model }) => model}
          empty="No signup or payment is credited to this post yet."
          columns={[
            { key: 'model', head: 'Credit goes to', cell: ({ model }) => modelWords[model as Model] ?? model },
            {
              key: 'signups',
              head: 'Signups',
              align: 'right',
              width: '90px',
              cell: ({ signups }) => count(Math.round(signups * 100) / 100),
            },
            {
              key: 'revenue',
              head: 'Revenue',
              align: 'right',
              width: '110px',
              cell: ({ revenue }) => money(revenue.minor, revenue.currency),
            },
          ]}
        />
        <OtherCurrencies amounts={numbers.otherCurrencies} suggested={numbers.suggestedCurrency} />
      </Card>
      <Card title="What it earned" sub="after tax, refunds and disputes">
        <DataTable
          caption="Receipts of the credited signups and payments"
          height="two"
          rows={receipts}
          rowKey={(row) => row.conversionId}
          empty="Each signup and payment this post is credited with stands here, with how we know."
          columns={[
            {
              key: 'what',
              head: 'What happened',
              cell: (row) => (
                <>
                  <span className="cell-title clip">
                    {kindWords[row.kind]}
                    {row.person && ` of ${row.person}`}
                  </span>
                  <div className="cell-meta num">
                    <span>{dateTime(row.occurredAt, zone)}</span>
                    {row.arrivedAt && <span className="hide-on-phone">came {dateTime(row.arrivedAt, zone)}</span>}
                  </div>
                </>
              ),
            },
            {
              key: 'how',
              head: 'How we know',
              width: '168px',
              hideOnPhone: true,
              cell: (row) => (
                <span className="cell-quiet">{row.grade ? (gradeWords[row.grade] ?? row.grade) : 'Not told'}</span>
              ),
            },
            { key: 'share', head: 'Share', align: 'right', width: '76px', cell: (row) => percent(row.share) },
            {
              key: 'amount',
              head: 'Revenue',
              align: 'right',
              width: '96px',
              cell: (row) => <Amount receipt={row} />,
            },
          ]}
        />
        {receipts.length < numbers.receipts.length && (
          <div className="posts-more">
            <Button onClick={() => setAll(true)}>Show all {count(numbers.receipts.length)}</Button>
          </div>
        )}
      </Card>
    </>
  );
}

/** What is left of the credited amount, and beneath it the amount itself where something was taken off. */
function Amount({ receipt: { kind, amount, net } }: { receipt: Numbers['receipts'][number] }) {
  if (!amount || !net || kind === 'signup') return <span className="cell-none">–</span>;
  return (
    <>
      {money(net.minor, net.currency)}
      {net.minor !== amount.minor && <span className="cell-second">of {money(amount.minor, amount.currency)}</span>}
    </>
  );
}
