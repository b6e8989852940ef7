import { NativeSelect, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { appsQuery, useHouse } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { saveFile } from '#web/file.ts';
import { count, counted, dateTime } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { ConfirmDialog } from '#web/parts/confirm-dialog.tsx';
import { DataTable } from '#web/parts/data-table.tsx';
import { EmptyState } from '#web/parts/empty-state.tsx';
import { ErrorNotice, Notice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';
import { StatusBadge } from '#web/parts/status-badge.tsx';

type Question = Parameters<typeof api.privacy.find>[0];
type Found = Awaited<ReturnType<typeof api.privacy.find>>;
type Request = Awaited<ReturnType<typeof api.privacy.requests>>['requests'][number];

const REQUESTS = ['privacy.requests'];
const FIELDS = ['email', 'person', 'appId', 'visitor', 'handle', 'platform', 'name'] as const;

/** Finds somebody over all stages, hands out what is kept about them, or erases them. */
export function PersonView() {
  const [question, setQuestion] = useState<Question>({});
  const finding = useMutation({ mutationFn: (asked: Question) => api.privacy.find(asked) });
  const form = useForm({
    initialValues: { email: '', person: '', appId: '', visitor: '', handle: '', platform: '', name: '' },
  });
  const { data: apps = [] } = useQuery(appsQuery);
  const find = (values: typeof form.values) => {
    const asked = Object.fromEntries(FIELDS.map((key) => [key, values[key].trim()]).filter(([, value]) => value));
    setQuestion(asked);
    finding.mutate(asked);
  };
  return (
    <>
      <Card title="Somebody asks what you keep about them" padded>
        <form className="form" noValidate onSubmit={form.onSubmit(find)}>
          <TextInput
            label="E-mail address"
            type="email"
            placeholder="jane@example.com"
            autoComplete="off"
            {...form.getInputProps('email')}
          />
          <div className="pair">
            <TextInput
              label="User id"
              description="As your app calls them"
              autoComplete="off"
              {...form.getInputProps('person')}
            />
            <TextInput
              label="Handle"
              description="Who wrote to you"
              placeholder="@jane"
              autoComplete="off"
              {...form.getInputProps('handle')}
            />
          </div>
          <details className="account-more">
            <summary>More to go by</summary>
            <div className="form">
              <div className="pair">
                <NativeSelect
                  label="App"
                  description="Where several use the same user id"
                  data={[{ value: '', label: 'Any' }, ...apps.map(({ id, name }) => ({ value: id, label: name }))]}
                  {...form.getInputProps('appId')}
                />
                <TextInput
                  label="Platform"
                  description="Where the same handle is on several"
                  placeholder="mastodon"
                  autoComplete="off"
                  {...form.getInputProps('platform')}
                />
              </div>
              <div className="pair">
                <TextInput
                  label="Visitor id"
                  description="From their browser, with consent"
                  autoComplete="off"
                  {...form.getInputProps('visitor')}
                />
                <TextInput
                  label="First and last name"
                  description="Looked for in sentences only"
                  autoComplete="off"
                  {...form.getInputProps('name')}
                />
              </div>
            </div>
          </details>
          {finding.error && <ErrorNotice title="Not looked up" error={finding.error} />}
          <div className="form-foot">
            <Button type="submit" look="primary" busy={finding.isPending}>
              Find
            </Button>
            <small className="privacy-print">One of these is enough. It leads on to the others.</small>
          </div>
        </form>
      </Card>
      {finding.data && <FoundCard found={finding.data} question={question} onErased={() => finding.reset()} />}
      <RequestsCard />
    </>
  );
}

function FoundCard({ found, question, onErased }: { found: Found; question: Question; onErased: () => void }) {
  const [asking, setAsking] = useState(false);
  const rows = found.tables.reduce((sum, table) => sum + table.rows, 0);
  const exporting = useChange(() => api.privacy.export(question), {
    refreshes: [REQUESTS],
    says: 'Two files saved: one to read, one for machines',
    after: ({ tables, page }) => {
      saveFile('what-is-kept.html', new Blob([page], { type: 'text/html' }));
      saveFile('what-is-kept.json', new Blob([JSON.stringify({ tables }, null, 2)], { type: 'application/json' }));
    },
  });
  const erasing = useChange(() => api.privacy.erase(question), {
    refreshes: [REQUESTS],
    says: 'Erased',
    after: () => {
      setAsking(false);
      onErased();
    },
  });
  if (rows === 0)
    return (
      <EmptyState title="Nothing is kept about them" ghost={false}>
        Look whether the address or id is the one they used with you.
      </EmptyState>
    );
  return (
    <Card title="What is kept" sub={counted(rows, 'row')}>
      <div className="card-body stack">
        <p>{whoWords(found)}</p>
        {found.stillPays && (
          <Notice title="They have a subscription that runs" tone="warn">
            What the payment provider sends of it later is kept again. Cancel it first.
          </Notice>
        )}
      </div>
      <DataTable
        caption="Where they were found"
        rows={found.tables}
        rowKey={(row) => row.table}
        columns={[
          { key: 'table', head: 'Where', cell: (row) => <code>{row.table}</code> },
          { key: 'rows', head: 'Rows', align: 'right', width: '30%', cell: (row) => count(row.rows) },
        ]}
      />
      <div className="card-body stack">
        {exporting.error && <ErrorNotice title="Not exported" error={exporting.error} />}
        <div className="form-foot">
          <Button busy={exporting.isPending} onClick={() => exporting.mutate(undefined)}>
            Export
          </Button>
          <Button look="danger" onClick={() => setAsking(true)}>
            Erase…
          </Button>
        </div>
      </div>
      <ConfirmDialog
        opened={asking}
        title="Erase this person"
        confirm="Erase person"
        danger
        busy={erasing.isPending}
        error={erasing.error}
        onConfirm={() => erasing.mutate(undefined)}
        onClose={() => setAsking(false)}
      >
        What is theirs alone is removed. Payments and credits keep their numbers under a pseudonym, and their name is
        cut out of texts. This cannot be taken back.
      </ConfirmDialog>
    </Card>
  );
}

function whoWords({ customers, authors, subscriptions, affiliates }: Found): string {
  const parts = [
    customers > 0 && counted(customers, 'customer'),
    authors > 0 && counted(authors, 'author of replies or mentions', 'authors of replies or mentions'),
    subscriptions > 0 && counted(subscriptions, 'subscription to a letter', 'subscriptions to letters'),
    affiliates > 0 && counted(affiliates, 'affiliate'),
  ].filter((part) => part !== false);
  return parts.length === 0 ? 'Named in texts, and nowhere else.' : `${parts.join(', ')}.`;
}

function RequestsCard() {
  const { timeZone } = useHouse();
  const requests = useInfiniteQuery({
    queryKey: REQUESTS,
    queryFn: ({ pageParam }) => api.privacy.requests({ limit: 20, ...(pageParam ? { cursor: pageParam } : {}) }),
    initialPageParam: '',
    getNextPageParam: (page) => page.cursor,
  });
  return (
    <Card title="Requests that were answered">
      <Loaded
        query={requests}
        skeleton={
          <div className="card-body">
            <SkeletonLines lines={4} />
          </div>
        }
      >
        {({ pages }) => (
          <DataTable<Request>
            caption="Requests, newest first"
            empty="Nobody has asked yet. What you export or erase is noted here, without a name."
            height="two"
            rows={pages.flatMap((page) => page.requests)}
            rowKey={(request) => request.id}
            columns={[
              {
                key: 'kind',
                head: 'What',
                cell: (request) => (
                  <>
                    {request.kind === 'erase' ? 'Erased' : 'Exported'}
                    <small className="privacy-print">
                      <code>{request.person}</code>
                      {request.requestedBy && ` by ${request.requestedBy}`}
                    </small>
                  </>
                ),
              },
              { key: 'state', head: 'State', width: '30%', cell: (request) => <RequestState request={request} /> },
              {
                key: 'at',
                head: 'When',
                align: 'right',
                width: '26%',
                cell: (request) => dateTime(request.requestedAt, timeZone),
              },
            ]}
          />
        )}
      </Loaded>
      {requests.hasNextPage && (
        <div className="card-body">
          <Button busy={requests.isFetchingNextPage} onClick={() => void requests.fetchNextPage()}>
            Show older
          </Button>
        </div>
      )}
    </Card>
  );
}

function RequestState({ request }: { request: Request }) {
  const rows = Object.values(request.counts).reduce((sum, each) => sum + each, 0);
  if (request.doneAt) return <StatusBadge status="done" word={counted(rows, 'row')} />;
  if (request.failure) return <StatusBadge status="failed" word="Stopped, goes on" />;
  return <StatusBadge status="in_progress" word="Under way" />;
}
