import '#web/styles/measure.css';
import './reports/reports.css';
import { useComputedColorScheme } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { api } from '#web/api.ts';
import { saveFile } from '#web/file.ts';
import { dateTime, day } from '#web/format.ts';
import { Button, LinkButton } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { errorWords } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { Page } from '#web/parts/page.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { SectionView } from './reports/section.tsx';
import { kindWords, mailWords, type Report } from './reports/words.ts';

/** One report as it was frozen, like paper: to read, to print, to keep. */
export function ReportPage() {
  const { id } = useParams({ from: '/inside/reports/$id' });
  const query = useQuery({ queryKey: ['report', id], queryFn: () => api.reports.get({ reportId: id }) });
  return (
    <Page
      title={query.data ? kindWords[query.data.kind].title : 'Report'}
      intro={query.data && `Frozen on ${dateTime(query.data.frozenAt, query.data.content.timeZone)}.`}
      actions={
        <>
          <LinkButton to="/reports">All reports</LinkButton>
          <Button onClick={() => window.print()} className="hide-on-phone">
            Print
          </Button>
          <PdfButton id={id} />
        </>
      }
    >
      <Loaded query={query} title="The report did not load" skeleton={<SkeletonCard height={900} />}>
        {(report) => (
          <div className="stack">
            <Restated report={report} />
            <Paper report={report} />
            <Mails report={report} />
          </div>
        )}
      </Loaded>
    </Page>
  );
}

function Paper({ report: { id, kind, title, content, frozenAt } }: { report: Report }) {
  const scheme = useComputedColorScheme('light');
  const width = useMediaQuery('(max-width: 760px)') ? 'narrow' : 'wide';
  const drawn = useQuery({
    queryKey: ['report.charts', id, scheme, width],
    queryFn: () => api.reports.charts({ reportId: id, scheme, width }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const { contents, sections, before, timeZone } = content;
  return (
    <article className="paper card" data-kind={kind} aria-label={title}>
      <header>
        <p className="sub">{title}</p>
        <h2>{content.headline}</h2>
      </header>
      {contents && (
        <nav aria-label="Contents">
          <ol>
            {sections.map(({ key, title: name }) => (
              <li key={key}>
                <a href={`#report-${key}`}>{name}</a>
              </li>
            ))}
          </ol>
        </nav>
      )}
      <div className="paper-sections">
        {sections.map((section) => (
          <SectionView key={section.key} section={section} charts={drawn.data?.charts ?? null} />
        ))}
      </div>
      <footer className="sub">
        Days of the zone {timeZone}
        {before && `, compared with ${day(before.from)} to ${day(before.until)}`}. Numbers as counted on{' '}
        {day(frozenAt, timeZone)}.
      </footer>
    </article>
  );
}

function Restated({ report: { corrections, tolerance, content } }: { report: Report }) {
  if (corrections.length === 0) return null;
  return (
    <Card title="Restated since" sub="The report below stays as it was sent." padded>
      <ul className="report-restated">
        {corrections.map(({ text, correctedAt, source }) => (
          <li key={`${correctedAt.toISOString()} ${text}`}>
            <strong>{day(correctedAt, content.timeZone)}</strong> {text}
            {source === 'person' && <small> (written by hand)</small>}
          </li>
        ))}
      </ul>
      <p className="sub">{tolerance}</p>
    </Card>
  );
}

function Mails({ report: { id, mails, content } }: { report: Report }) {
  const queries = useQueryClient();
  const again = useMutation({
    mutationFn: (address: string) => api.reports.send({ reportId: id, address }),
    onError: (error) => notifications.show({ color: 'red', title: 'It was not sent', message: errorWords(error) }),
    onSettled: () => queries.invalidateQueries({ queryKey: ['report', id] }),
  });
  if (mails.length === 0) return null;
  return (
    <Card title="Sent by mail">
      <ul className="report-recipients card-body">
        {mails.map(({ address, state, reason, sentAt }) => (
          <li key={address}>
            <span>
              {address}
              <small>
                {mailWords[state]}
                {state === 'confirmed' && sentAt && ` on ${dateTime(sentAt, content.timeZone)}`}
                {reason && `. ${reason}`}
              </small>
            </span>
            {(state === 'unknown' || state === 'failed') && (
              <Button
                size="small"
                busy={again.isPending && again.variables === address}
                aria-label={`Send it to ${address} again`}
                onClick={() => again.mutate(address)}
              >
                Send again
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Card>
  );
}

function PdfButton({ id }: { id: string }) {
  const draw = useMutation({
    mutationFn: () => api.reports.pdf({ reportId: id }),
    onSuccess: ({ name, base64 }) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      saveFile(name, new Blob([bytes], { type: 'application/pdf' }));
    },
    onError: (error) =>
      notifications.show({ color: 'red', title: 'The document was not drawn', message: errorWords(error) }),
  });
  return (
    <Button look="primary" busy={draw.isPending} onClick={() => draw.mutate()}>
      Save as PDF
    </Button>
  );
}
