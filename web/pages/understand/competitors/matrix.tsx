import { TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { Plus, X } from 'lucide-react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { competitorsKey, type Matrix, matrixQuery } from './queries.ts';
import { supportWords } from './words.ts';

type Row = Matrix['features'][number];
type Cell = Row['cells'][number];

/** Who has what. A cell a person sets stays as it is; the others follow the pages. */
export function MatrixCard({ appId }: { appId: string }) {
  const matrix = useQuery(matrixQuery(appId));
  return (
    <Card title="Features" sub="A cell you set stays; the others follow the pages">
      <Loaded query={matrix} skeleton={<SkeletonCard height={260} />}>
        {({ columns, features }) => (
          <>
            {features.length === 0 ? (
              <p className="table-empty">
                The rows come from your knowledge and from the pages of those you watch. Add one to begin.
              </p>
            ) : (
              // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard.
              <section className="matrix-scroll" aria-label="Features side by side" tabIndex={0}>
                <table className="matrix">
                  <caption className="hidden-text">Features of the app and its competitors</caption>
                  <thead>
                    <tr>
                      <th scope="col">Feature</th>
                      {columns.map((column) => (
                        <th scope="col" key={column.competitorId ?? 'app'}>
                          {column.name}
                        </th>
                      ))}
                    </tr>
                  </thead>
                  <tbody>
                    {features.map((row) => (
                      <MatrixRow key={row.id} appId={appId} row={row} names={columns.map((column) => column.name)} />
                    ))}
                  </tbody>
                </table>
              </section>
            )}
            <div className="card-body">
              <AddRow appId={appId} />
            </div>
          </>
        )}
      </Loaded>
    </Card>
  );
}

function MatrixRow({ appId, row, names }: { appId: string; row: Row; names: string[] }) {
  const options = { refreshes: [competitorsKey(appId)] };
  const setting = useChange(api.features.set, options);
  const removing = useChange(api.features.remove, options);
  return (
    <tr>
      <th scope="row">
        <span className="matrix-name">
          {row.name}
          <button
            type="button"
            className="icon-button"
            aria-label={`Remove ${row.name}`}
            disabled={removing.isPending}
            onClick={() => removing.mutate({ featureId: row.id })}
          >
            <X size={13} aria-hidden="true" />
          </button>
        </span>
        {(setting.error ?? removing.error) && <ErrorNotice error={setting.error ?? removing.error} />}
      </th>
      {row.cells.map((cell, index) => (
        <td key={cell.competitorId ?? 'app'} data-support={cell.support}>
          <select
            aria-label={`${row.name}, ${names[index]}`}
            value={cell.support}
            disabled={setting.isPending}
            onChange={(event) =>
              setting.mutate({
                featureId: row.id,
                competitorId: cell.competitorId,
                support: event.currentTarget.value as Cell['support'],
              })
            }
          >
            {Object.entries(supportWords).map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
          {cell.note && <span className="matrix-note">{cell.note}</span>}
          {cell.byHand && <span className="matrix-note">Set by hand</span>}
          {cell.quote && (
            <a
              className="matrix-note"
              href={cell.quoteUrl ?? undefined}
              target="_blank"
              rel="noreferrer"
              title={cell.quote}
            >
              “{cell.quote}”
            </a>
          )}
        </td>
      ))}
    </tr>
  );
}

function AddRow({ appId }: { appId: string }) {
  const form = useForm({
    initialValues: { name: '' },
    validate: { name: (value) => (value.trim() ? null : 'Name a feature') },
  });
  const adding = useChange(api.features.add, { refreshes: [competitorsKey(appId)], after: () => form.reset() });
  return (
    <form className="inline-form" noValidate onSubmit={form.onSubmit(({ name }) => adding.mutate({ appId, name }))}>
      <TextInput aria-label="Name of a feature" placeholder="CSV export" {...form.getInputProps('name')} />
      <Button type="submit" busy={adding.isPending}>
        <Plus size={14} aria-hidden="true" />
        Add feature
      </Button>
      {adding.error && <ErrorNotice title="Not added" error={adding.error} />}
    </form>
  );
}
