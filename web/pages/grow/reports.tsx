import '#web/styles/measure.css';
import './reports/reports.css';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { api } from '#web/api.ts';
import { useApp } from '#web/app.tsx';
import { counted, dateTime } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { errorWords } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { Page } from '#web/parts/page.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { ZoneNote } from '#web/parts/zone-note.tsx';
import { type Kind, kindWords, type Listed, type Scheduled } from './reports/words.ts';

const SendingDialog = lazy(() =>
  import('./reports/sending-dialog.tsx').then((file) => ({ default: file.SendingDialog })),
);

/** The reports by kind: what was written, when the next one goes out, and to whom. */
export function ReportsPage() {
  const app = useApp();
  const schedule = useQuery({
    queryKey: ['reports.schedule', app.id],
    queryFn: () => api.reports.schedule({ appId: app.id }),
  });
  const list = useQuery({
    queryKey: ['reports', app.id],
    queryFn: () => api.reports.list({ appId: app.id, limit: 200 }),
  });
  const [sending, open] = useState<Kind>();
  return (
    <Page
      title="Reports"
      intro="Written by themselves when a week, month, quarter or year is over, and frozen as sent."
    >
      <Loaded query={schedule} title="The reports did not load" skeleton={<SkeletonCard height={520} />}>
        {({ kinds, canMail, timeZone }) => (
          <Loaded query={list} title="The reports did not load" skeleton={<SkeletonCard height={520} />}>
            {({ reports }) => (
              <>
                <div className="report-kinds">
                  {kinds.map((each) => (
                    <KindCard
                      key={each.kind}
                      scheduled={each}
                      reports={reports.filter(({ kind }) => kind === each.kind)}
                      canMail={canMail}
                      timeZone={timeZone}
                      onSending={() => open(each.kind)}
                    />
                  ))}
                </div>
                <ZoneNote zone={timeZone} />
                {sending && (
                  <Suspense fallback={null}>
                    <SendingDialog
                      appId={app.id}
                      scheduled={kinds.find(({ kind }) => kind === sending)}
                      onClose={() => open(undefined)}
                    />
                  </Suspense>
                )}
              </>
            )}
          </Loaded>
        )}
      </Loaded>
    </Page>
  );
}

function KindCard({
  scheduled: { kind, next, recipients },
  reports,
  canMail,
  timeZone,
  onSending,
}: {
  scheduled: Scheduled;
  reports: Listed[];
  canMail: boolean;
  timeZone: string;
  onSending: () => void;
}) {
  const app = useApp();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const write = useMutation({
    mutationFn: () => api.reports.write({ appId: app.id, kind }),
    onSuccess: async ({ id }) => {
      await queries.invalidateQueries({ queryKey: ['reports'] });
      await navigate({ to: '/reports/$id', params: { id } });
    },
    onError: (error) =>
      notifications.show({ color: 'red', title: 'The report was not written', message: errorWords(error) }),
  });
  const { title, purpose } = kindWords[kind];
  const active = recipients.filter(({ leftAt }) => leftAt === null);
  const who =
    active.length === 0
      ? 'Nobody gets it by mail yet.'
      : canMail
        ? `By mail to ${counted(active.length, 'address', 'addresses')}.`
        : 'No mail server is set, so its mails wait.';
  return (
    <Card
      title={title}
      action={
        <Button size="small" onClick={onSending} aria-label={`Sending of the ${title.toLowerCase()}`}>
          Sending
        </Button>
      }
    >
      <div className="card-body report-kind">
        <p>{purpose}</p>
        <p className="sub">
          Next: {next.name}, on {dateTime(next.dueAt, timeZone)}. {who}
        </p>
      </div>
      {reports.length === 0 ? (
        <div className="report-none">
          <p className="sub">None is written yet. The period that ended last can be written now.</p>
          <Button size="small" busy={write.isPending} onClick={() => write.mutate()}>
            Write it now<span className="hidden-text">: {title.toLowerCase()}</span>
          </Button>
        </div>
      ) : (
        <ul className="report-list">
          {reports.slice(0, 8).map((report) => (
            <li key={report.id}>
              <Link to="/reports/$id" params={{ id: report.id }}>
                <strong>{report.title.split(': ').slice(1).join(': ') || report.title}</strong>
                <span>{report.headline}</span>
              </Link>
              <Marks report={report} />
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

/** What is to be known of a report before it is opened. */
function Marks({ report: { mails, corrections } }: { report: Listed }) {
  const marks = [
    mails.confirmed > 0 && { tone: 'pos', word: `Sent to ${mails.confirmed}` },
    mails.waiting > 0 && { tone: 'accent', word: `${mails.waiting} waiting` },
    mails.unknown > 0 && { tone: 'warn', word: `${mails.unknown} may not have arrived` },
    mails.failed > 0 && { tone: 'neg', word: `${mails.failed} not delivered` },
    corrections > 0 && { tone: 'warn', word: 'Restated' },
  ].filter((mark) => mark !== false);
  return (
    <span className="report-marks">
      {marks.map(({ tone, word }) => (
        <span key={word} className="tag" data-tone={tone}>
          {word}
        </span>
      ))}
    </span>
  );
}
