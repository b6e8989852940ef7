import { NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Segmented } from '#web/parts/segmented.tsx';
import { transfersQuery } from './transfers-queries.ts';

type Wanted = NonNullable<Parameters<typeof api.transfers.export>[0]>;
type Format = NonNullable<Wanted['format']>;
type Kind = NonNullable<Wanted['kinds']>[number];

const formats: { value: Format; label: string; what: string }[] = [
  { value: 'ndjson', label: 'NDJSON', what: 'One JSON object a line. For programs, and the one to keep.' },
  { value: 'csv', label: 'CSV', what: 'Tables for spreadsheets. Nothing is an empty cell, an empty text is "".' },
  { value: 'parquet', label: 'Parquet', what: 'For DuckDB, Spark, pandas and warehouses. Money is exact text.' },
];
const kinds: [Kind, string][] = [
  ['events', 'Page views and events'],
  ['visits', 'Visits'],
  ['clicks', 'Clicks'],
  ['links', 'Links'],
  ['posts', 'Posts and their numbers'],
  ['conversions', 'Conversions'],
  ['payments', 'Payments, refunds, fees'],
  ['subscriptions', 'Subscriptions'],
  ['customers', 'Customers'],
  ['credits', 'Touches and credits'],
  ['costs', 'Costs'],
  ['traffic', 'Traffic by day and hour'],
  ['subscribers', 'Subscribers'],
];

/** Everything in one file, in three formats; all of them can be brought back in. */
export function ExportCard() {
  const [format, setFormat] = useState<Format>('ndjson');
  const [kind, setKind] = useState<Kind | ''>('');
  const [days, setDays] = useState({ from: '', until: '' });
  const exporting = useChange(api.transfers.export, {
    refreshes: [transfersQuery.queryKey],
    says: 'The export has begun',
  });
  const go = () =>
    exporting.mutate({
      format,
      ...(kind === ''
        ? {}
        : { kinds: [kind], ...(days.from ? { from: days.from } : {}), ...(days.until ? { until: days.until } : {}) }),
    });
  return (
    <Card title="Export" sub="for owners" padded>
      <div className="stack">
        <div>
          <Segmented label="Format" options={formats} value={format} onChange={setFormat} />
        </div>
        <p className="sub">{formats.find(({ value }) => value === format)?.what}</p>
        <div className="pair">
          <NativeSelect
            label="What"
            value={kind}
            data={[{ value: '', label: 'Everything' }, ...kinds.map(([value, label]) => ({ value, label }))]}
            onChange={({ currentTarget }) => setKind(currentTarget.value as Kind | '')}
          />
        </div>
        {kind !== '' && (
          <div className="pair">
            <TextInput
              type="date"
              label="From day"
              value={days.from}
              onChange={({ currentTarget }) => setDays({ ...days, from: currentTarget.value })}
            />
            <TextInput
              type="date"
              label="To day"
              value={days.until}
              onChange={({ currentTarget }) => setDays({ ...days, until: currentTarget.value })}
            />
          </div>
        )}
        <p className="sub">
          {kind === ''
            ? 'Every table of this workspace in a zip file, with counts and hashes. It can be brought back into an empty workspace, row for row. Passwords, keys and tokens are never in it.'
            : 'For other programs. Only an export of everything can be brought back in.'}
        </p>
        {exporting.error && <ErrorNotice title="The export has not begun" error={exporting.error} />}
        <div className="form-foot">
          <Button look="primary" busy={exporting.isPending} onClick={go}>
            Export
          </Button>
        </div>
      </div>
    </Card>
  );
}
