import { NumberInput } from '@mantine/core';
import { useQueries, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useAddress } from '#web/address.ts';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { called, count, counted, money } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { DataTable } from '#web/parts/data-table.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { PlatformIcon, platformName } from '#web/parts/platform-icon.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { TrendChart } from '#web/parts/trend-chart.tsx';
import { accountsKey } from './account-queries.ts';
import { Prices, pricesQuery } from './prices.tsx';

type Month = Awaited<ReturnType<typeof api.spend.month>>;
type SpentOn = Month['accounts'][number];
type Forecast = Awaited<ReturnType<typeof api.spend.forecast>>['accounts'];

/** Millionths of a dollar as money, to the last digit there is. */
const dollars = (micros: number) => money(String(micros / 10_000), 'USD');

/** What the platforms charge: the month's ledger, budgets with what is still to come, and the prices counted with. */
export function SpendSection() {
  const thisMonth = new Date().toISOString().slice(0, 7);
  const [asked, setMonth] = useAddress('month', thisMonth);
  const month = /^\d{4}-(0[1-9]|1[0-2])$/.test(asked) && asked <= thisMonth ? asked : thisMonth;
  const spend = useQuery({ queryKey: ['spend', month], queryFn: () => api.spend.month({ month }) });
  const forecast = useQuery({ queryKey: ['spend', 'forecast'], queryFn: () => api.spend.forecast({}) });
  return (
    <Loaded query={spend} title="The ledger did not load" skeleton={<SkeletonCard height={420} />}>
      {(data) => (
        <>
          <Card
            title="Spend"
            sub={<span className="num">{dollars(data.micros)}</span>}
            action={<Months month={month} last={thisMonth} onChange={setMonth} />}
          >
            <Ledger data={data} />
          </Card>
          <Budgets
            accounts={data.accounts}
            forecast={month === thisMonth ? (forecast.data?.accounts ?? null) : null}
            current={month === thisMonth}
          />
          {[...new Set(data.accounts.map(({ platform }) => platform))].map((platform) => (
            <Prices key={platform} platform={platform} />
          ))}
        </>
      )}
    </Loaded>
  );
}

function Months({ month, last, onChange }: { month: string; last: string; onChange: (month: string) => void }) {
  const moved = (by: number) => {
    const [year = 0, at = 1] = month.split('-').map(Number);
    return new Date(Date.UTC(year, at - 1 + by, 1)).toISOString().slice(0, 7);
  };
  return (
    <div className="line">
      <Button size="small" look="quiet" onClick={() => onChange(moved(-1))} aria-label="The month before">
        ‹
      </Button>
      <span className="num">
        {new Date(`${month}-01T00:00:00Z`).toLocaleDateString('en-GB', {
          month: 'long',
          year: 'numeric',
          timeZone: 'UTC',
        })}
      </span>
      <Button
        size="small"
        look="quiet"
        disabled={month >= last}
        onClick={() => onChange(moved(1))}
        aria-label="The next month"
      >
        ›
      </Button>
    </div>
  );
}

function Ledger({ data }: { data: Month }) {
  const platforms = [...new Set(data.accounts.map(({ platform }) => platform))];
  const prices = useQueries({ queries: platforms.map(pricesQuery) });
  if (data.micros === 0)
    return (
      <p className="table-empty">
        Nothing was charged in this month (by UTC). Posting to most platforms is free; what X charges for each call
        stands here as soon as it does.
      </p>
    );
  const what = new Map(
    prices.flatMap(({ data: list }) => list?.items.map((one) => [one.item, one.what] as const) ?? []),
  );
  const days = daysOf(data.month);
  const byDay = new Map(data.days.map((one) => [one.day, one.micros / 1e6]));
  return (
    <>
      <div className="card-body">
        <TrendChart
          label="Charged"
          days={days}
          current={days.map((each) => byDay.get(each) ?? 0)}
          format={(value) => money(String(Math.round(value * 1e6) / 1e4), 'USD')}
          height={180}
        />
      </div>
      <DataTable
        caption="What was charged"
        rows={data.items}
        rowKey={(item) => item.item}
        columns={[
          { key: 'item', head: 'For', cell: (item) => what.get(item.item) ?? item.item },
          { key: 'calls', head: 'Calls', align: 'right', width: '90px', cell: (item) => count(item.calls) },
          { key: 'micros', head: 'Charged', align: 'right', width: '130px', cell: (item) => dollars(item.micros) },
        ]}
      />
    </>
  );
}

function Budgets({
  accounts,
  forecast,
  current,
}: {
  accounts: SpentOn[];
  forecast: Forecast | null;
  current: boolean;
}) {
  return (
    <Card title="By account" sub={current ? 'this month, with what is scheduled' : undefined}>
      {accounts.length === 0 ? (
        <p className="table-empty">No account is connected yet.</p>
      ) : (
        <ul>
          {accounts.map((account) => (
            <AccountBudget
              key={account.accountId}
              account={account}
              ahead={forecast?.find((one) => one.accountId === account.accountId) ?? null}
              current={current}
            />
          ))}
        </ul>
      )}
    </Card>
  );
}

function AccountBudget({
  account,
  ahead,
  current,
}: {
  account: SpentOn;
  ahead: Forecast[number] | null;
  current: boolean;
}) {
  const [editing, setEditing] = useState(false);
  const { budgetMicros: budget, micros } = account;
  const coming = ahead?.micros ?? 0;
  const share = (value: number) => (budget ? Math.min(1, value / budget) : 0);
  const over = budget !== null && micros + coming > budget;
  return (
    <li className="account spend-account">
      <div className="account-head">
        <div className="account-name">
          <strong>
            <PlatformIcon platform={account.platform} size={12} />
            {called(account.handle)}
          </strong>
          <span className="sub num">
            {dollars(micros)} for {counted(account.calls, 'call')}
            {coming > 0 && `, ${dollars(coming)} more for ${counted(ahead?.publications ?? 0, 'scheduled post')}`}
          </span>
        </div>
        <span className="num">{budget === null ? 'No budget' : `${dollars(budget)} a month`}</span>
        {current && (
          <Button size="small" onClick={() => setEditing(!editing)} aria-expanded={editing}>
            Change
          </Button>
        )}
      </div>
      {current && budget !== null && (
        <span
          className="bar spend-bar"
          data-tone={micros >= budget ? 'neg' : over ? 'warn' : undefined}
          role="img"
          aria-label={`${dollars(micros)} of ${dollars(budget)} is spent, ${dollars(coming)} more is scheduled`}
        >
          <i style={{ width: `${share(micros) * 100}%` }} />
          <i data-kind="ahead" style={{ width: `${(share(micros + coming) - share(micros)) * 100}%` }} />
        </span>
      )}
      {current && over && (
        <p className="sub spend-over">
          {micros >= (budget ?? 0)
            ? 'The budget is used up: posts that cost money wait until next month.'
            : 'What is scheduled costs more than is left. The last posts will wait for the next month.'}
        </p>
      )}
      {editing && <BudgetForm account={account} onSaved={() => setEditing(false)} />}
    </li>
  );
}

function BudgetForm({ account, onSaved }: { account: SpentOn; onSaved: () => void }) {
  const [value, setValue] = useState<number | string>(
    account.budgetMicros === null ? '' : account.budgetMicros / 1_000_000,
  );
  const saving = useChange(api.accounts.setPolicy, {
    refreshes: [['spend'], accountsKey],
    says: 'Saved',
    after: onSaved,
  });
  return (
    <form
      className="inline-form spend-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        saving.mutate({
          accountId: account.accountId,
          monthlyBudgetMicros: value === '' ? null : Math.round(Number(value) * 1_000_000),
        });
      }}
    >
      <NumberInput
        aria-label={`Budget a month of @${account.handle} on ${platformName(account.platform)}, in US dollars`}
        placeholder="No limit"
        prefix="$"
        min={0}
        decimalScale={2}
        hideControls
        value={value}
        onChange={setValue}
      />
      <Button type="submit" busy={saving.isPending}>
        Save budget
      </Button>
      {saving.error && <ErrorNotice title="Not saved" error={saving.error} />}
    </form>
  );
}

/** The days of a month up to today. */
function daysOf(month: string): string[] {
  const [year = 0, at = 1] = month.split('-').map(Number);
  const days = new Date(Date.UTC(year, at, 0)).getUTCDate();
  const today = new Date().toISOString().slice(0, 10);
  return Array.from({ length: days }, (_, index) => `${month}-${String(index + 1).padStart(2, '0')}`).filter(
    (each) => each <= today,
  );
}
