import '#web/styles/forms.css';
import { Drawer, FileInput, NativeSelect, NumberInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useHouse } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { counted, day, money } from '#web/format.ts';
import { Button, IconButton } from '#web/parts/button.tsx';
import { DataTable } from '#web/parts/data-table.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';

const kindWords = { ads: 'Ads', api: 'Platforms and APIs', tools: 'Tools', time: 'Own time', other: 'Other' } as const;
type Kind = keyof typeof kindWords;
const refreshes = [['costs'], ['returns'], ['campaigns']];

/** What was spent: written down by hand, taken from a table, taken out again. */
export function CostsDrawer({ appId, onClose }: { appId: string; onClose: () => void }) {
  const query = useQuery({ queryKey: ['costs', appId], queryFn: () => api.costs.list({ appId, limit: 100 }) });
  const removing = useChange(api.costs.remove, { refreshes, says: 'Cost removed' });
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size={560}
      title="Costs"
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      <div className="stack" data-gap="large">
        <AddCost appId={appId} />
        <ImportCosts appId={appId} />
        {removing.error && <ErrorNotice title="Not removed" error={removing.error} />}
        <Loaded query={query} title="The costs did not load" skeleton={<SkeletonLines lines={6} />}>
          {({ costs }) => (
            <DataTable
              caption="Costs, newest first"
              height="two"
              rows={costs}
              rowKey={(cost) => cost.id}
              empty="Nothing is written down yet. What platforms charge is counted by itself."
              columns={[
                {
                  key: 'what',
                  head: 'What',
                  cell: (cost) => (
                    <>
                      <div className="clip cell-title">{cost.note || kindWords[cost.kind]}</div>
                      <div className="cell-meta num">
                        <span className="clip">
                          {[day(cost.day, 'UTC'), cost.channel?.name, cost.campaign?.name, cost.post?.title]
                            .filter(Boolean)
                            .join(' · ')}
                        </span>
                      </div>
                    </>
                  ),
                },
                {
                  key: 'amount',
                  head: 'Amount',
                  align: 'right',
                  width: '110px',
                  cell: (cost) => money(cost.amount.minor, cost.amount.currency),
                },
                {
                  key: 'remove',
                  head: '',
                  align: 'right',
                  width: '60px',
                  cell: (cost) =>
                    cost.source !== 'spend_ledger' && (
                      <IconButton label="Remove this cost" onClick={() => removing.mutate({ costId: cost.id })}>
                        <Trash2 size={14} />
                      </IconButton>
                    ),
                },
              ]}
            />
          )}
        </Loaded>
      </div>
    </Drawer>
  );
}

function AddCost({ appId }: { appId: string }) {
  const { currency, timeZone } = useHouse();
  const channels = useQuery({
    queryKey: ['channels', 'names', appId],
    queryFn: async () => (await api.channels.list({ appId })).channels,
  });
  const campaigns = useQuery({
    queryKey: ['campaigns', appId],
    queryFn: async () => (await api.campaigns.list({ appId })).campaigns,
  });
  const form = useForm({
    initialValues: {
      day: new Intl.DateTimeFormat('sv-SE', { timeZone }).format(new Date()),
      kind: 'ads' as Kind,
      amount: '',
      currency,
      minutes: '' as number | string,
      channelId: '',
      campaignId: '',
      note: '',
    },
    validate: {
      amount: (value, { kind }) =>
        kind === 'time' || /^\d+([.,]\d{1,3})?$/.test(value.trim()) ? null : 'An amount such as 12.50',
      minutes: (value, { kind }) => (kind !== 'time' || Number(value) > 0 ? null : 'How many minutes it took'),
    },
  });
  const saving = useChange(
    ({ kind, amount, minutes, channelId, campaignId, note, currency: code, day: on }: typeof form.values) =>
      api.costs.add({
        appId,
        day: on,
        kind,
        ...(kind === 'time'
          ? { minutes: Number(minutes) }
          : { amount: { minor: minorOf(amount, code), currency: code } }),
        channelId: channelId || null,
        campaignId: campaignId || null,
        note,
      }),
    { refreshes, says: 'Cost written down', after: () => form.setValues({ amount: '', minutes: '', note: '' }) },
  );
  const isTime = form.values.kind === 'time';
  return (
    <form className="stack" noValidate onSubmit={form.onSubmit((values) => saving.mutate(values))}>
      <div className="pair">
        <TextInput label="Day" type="date" {...form.getInputProps('day')} />
        <NativeSelect
          label="Kind"
          data={Object.entries(kindWords).map(([value, label]) => ({ value, label }))}
          {...form.getInputProps('kind')}
        />
      </div>
      <div className="pair">
        {isTime ? (
          <NumberInput label="Minutes" min={1} hideControls {...form.getInputProps('minutes')} />
        ) : (
          <TextInput
            label={`Amount in ${form.values.currency}`}
            inputMode="decimal"
            {...form.getInputProps('amount')}
          />
        )}
        <NativeSelect
          label="Channel"
          data={[
            { value: '', label: 'None' },
            ...(channels.data ?? []).map(({ id, name }) => ({ value: id, label: name })),
          ]}
          {...form.getInputProps('channelId')}
        />
      </div>
      <div className="pair">
        <NativeSelect
          label="Campaign"
          data={[
            { value: '', label: 'None' },
            ...(campaigns.data ?? []).map(({ id, name }) => ({ value: id, label: name })),
          ]}
          {...form.getInputProps('campaignId')}
        />
        <TextInput label="Note" maxLength={1000} {...form.getInputProps('note')} />
      </div>
      {saving.error && <ErrorNotice title="Not written down" error={saving.error} />}
      <div>
        <Button type="submit" look="primary" busy={saving.isPending}>
          Add cost
        </Button>
      </div>
    </form>
  );
}

function ImportCosts({ appId }: { appId: string }) {
  const [file, setFile] = useState<File | null>(null);
  const importing = useChange(async (chosen: File) => api.costs.import({ appId, csv: await chosen.text() }), {
    refreshes,
    after: () => setFile(null),
  });
  const { data } = importing;
  return (
    <section className="stack" data-gap="small" aria-label="Import a table">
      <FileInput
        label="Import a table (CSV)"
        description="Columns: date, channel, kind, amount, currency. The same table twice adds nothing."
        placeholder="Choose a file"
        accept=".csv,text/csv"
        clearable
        value={file}
        onChange={setFile}
      />
      {file && (
        <div>
          <Button busy={importing.isPending} onClick={() => importing.mutate(file)}>
            Import
          </Button>
        </div>
      )}
      {importing.error && <ErrorNotice title="Not imported" error={importing.error} />}
      {data && (
        <div role="status">
          <p className="num">
            {counted(data.added, 'cost')} added{data.already > 0 && `, ${data.already} were there already`}
            {data.problems.length > 0 && `, ${counted(data.problems.length, 'line')} left out`}.
          </p>
          <ul className="sub">
            {data.problems.map((problem) => (
              <li key={`${problem.line} ${problem.reason}`}>
                Line {problem.line}: {problem.reason}
              </li>
            ))}
          </ul>
        </div>
      )}
    </section>
  );
}

/** `12.5` of EUR → `1250`. The form has checked that it is an amount. */
function minorOf(amount: string, currency: string): string {
  const digits =
    new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
  const [whole = '0', fraction = ''] = amount.trim().replace(',', '.').split('.');
  return String(BigInt(whole + fraction.slice(0, digits).padEnd(digits, '0')));
}
