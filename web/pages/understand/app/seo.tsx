import { Modal, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Check, CircleAlert, ExternalLink, Info, TriangleAlert, Wrench } from 'lucide-react';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useHouse } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { count, counted, day } from '#web/format.ts';
import { shortUrl } from '#web/pages/understand/knowledge/words.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { EmptyState } from '#web/parts/empty-state.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { KpiStrip } from '#web/parts/kpi-strip.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { checklistQuery, type Finding, type Rule } from './queries.ts';
import { ruleWords } from './rule-words.ts';

const severities = {
  fix: ['To mend', CircleAlert, 'neg'],
  improve: ['To improve', TriangleAlert, 'warn'],
  info: ['Good to know', Info, undefined],
} as const;

/** What could be better on the pages, why it matters and what to do; what was set aside, and what was mended. */
export function SeoTab({ appId }: { appId: string }) {
  const { timeZone } = useHouse();
  const checklist = useQuery(checklistQuery(appId));
  const [ignoring, setIgnoring] = useState<Finding>();
  return (
    <Loaded query={checklist} skeleton={<SkeletonCard height={420} />}>
      {({ counts, rules, fixed, readAt }) => {
        if (!readAt)
          return (
            <EmptyState title="No page was looked at yet" ghost={false}>
              Read the app, and what could be better on its pages stands here with the fix.
            </EmptyState>
          );
        const open = rules.filter((rule) => rule.pages.some((one) => !one.ignored));
        const aside = rules.flatMap((rule) => rule.pages.filter((one) => one.ignored));
        return (
          <>
            <section className="card" aria-label="The checklist in numbers">
              <KpiStrip
                chosen=""
                items={[
                  { id: 'fix', label: severities.fix[0], value: count(counts.fix) },
                  { id: 'improve', label: severities.improve[0], value: count(counts.improve) },
                  { id: 'info', label: severities.info[0], value: count(counts.info) },
                  { id: 'passed', label: 'Clean pages', value: count(counts.passed) },
                  { id: 'fixed', label: 'Mended', value: count(counts.fixed) },
                ]}
              />
            </section>
            <Card title="Checklist" sub={<span className="num">read {day(readAt, timeZone)}</span>}>
              {open.length === 0 && <p className="table-empty">Nothing to mend on the pages that were read.</p>}
              <ul className="fact-group">
                {open.map((rule) => (
                  <RuleRow key={rule.rule} rule={rule} onIgnore={setIgnoring} />
                ))}
              </ul>
            </Card>
            {aside.length > 0 && (
              <Card title="Set aside" sub={<span className="num">{count(aside.length)}</span>}>
                <ul className="fact-group">
                  {aside.map((finding) => (
                    <Aside key={finding.id} finding={finding} appId={appId} />
                  ))}
                </ul>
              </Card>
            )}
            {fixed.length > 0 && (
              <Card title="Mended" sub={<span className="num">{count(fixed.length)}</span>}>
                <ul className="fact-group">
                  {fixed.map((one) => (
                    <li className="fact" key={one.id}>
                      <span className="tag" data-tone="pos">
                        <Check size={12} aria-hidden="true" />
                        {day(one.resolvedAt, timeZone)}
                      </span>
                      <span className="fact-text">
                        <span>{one.message}</span>
                        <span className="sub num break-all">
                          {shortUrl(one.url)}, found {day(one.foundAt, timeZone)}
                        </span>
                      </span>
                    </li>
                  ))}
                </ul>
              </Card>
            )}
            {ignoring && <IgnoreDialog finding={ignoring} appId={appId} onClose={() => setIgnoring(undefined)} />}
          </>
        );
      }}
    </Loaded>
  );
}

function RuleRow({ rule, onIgnore }: { rule: Rule; onIgnore: (finding: Finding) => void }) {
  const [word, Icon, tone] = severities[rule.severity];
  const pages = rule.pages.filter((one) => !one.ignored);
  return (
    <li>
      <details className="page-row">
        <summary>
          <span className="tag rule-tag" data-tone={tone}>
            <Icon size={12} aria-hidden="true" />
            {word}
          </span>
          <span className="fact-text">
            <span className="fact-statement">{ruleWords[rule.rule] ?? pages[0]?.message}</span>
            {rule.why && <span className="sub">{rule.why}</span>}
          </span>
          <span className="sub num">{counted(pages.length, 'page')}</span>
        </summary>
        <ul className="page-report finding-list">
          {pages.map((finding) => (
            <li key={finding.id}>
              <a className="fact-link break-all" href={finding.url} target="_blank" rel="noreferrer">
                {shortUrl(finding.url)}
                <ExternalLink size={11} aria-hidden="true" />
              </a>
              <p>{finding.message}</p>
              {finding.quote && <blockquote className="found-quote">{finding.quote}</blockquote>}
              <Fix words={finding.fix} />
              <Button size="small" look="quiet" onClick={() => onIgnore(finding)}>
                Set aside
                <span className="hidden-text"> for {shortUrl(finding.url)}</span>
              </Button>
            </li>
          ))}
        </ul>
      </details>
    </li>
  );
}

/** Whole tags, with what stands between them and their closing ones: `<title>…</title>`. */
const markup = /((?:<(?:"[^"]*"|[^>"])+>)+(?:[^<]*(?:<\/[^>]+>)+)?)/;

/** What to do; what is to be written into the page stands as it is written, and one click takes it whole. */
function Fix({ words }: { words: string }) {
  return (
    <p className="finding-fix">
      <Wrench size={13} aria-hidden="true" />
      <span>
        {words.split(markup).map((part, at) =>
          // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one sentence never move.
          at % 2 === 1 ? <code key={at}>{part}</code> : part,
        )}
      </span>
    </p>
  );
}

function Aside({ finding, appId }: { finding: Finding; appId: string }) {
  const { timeZone } = useHouse();
  const reopening = useChange(api.findings.reopen, {
    refreshes: [checklistQuery(appId).queryKey, ['knowledge', appId, 'pages']],
  });
  return (
    <li className="fact">
      <span className="fact-text">
        <span>{finding.message}</span>
        <span className="sub num break-all">
          {shortUrl(finding.url)}. “{finding.ignored?.reason}”{finding.ignored?.by && `, ${finding.ignored.by}`}
          {finding.ignored && `, ${day(finding.ignored.at, timeZone)}`}
        </span>
        {reopening.error && <ErrorNotice title="Not taken back" error={reopening.error} />}
      </span>
      <Button size="small" busy={reopening.isPending} onClick={() => reopening.mutate({ findingId: finding.id })}>
        Take back
      </Button>
    </li>
  );
}

function IgnoreDialog({ finding, appId, onClose }: { finding: Finding; appId: string; onClose: () => void }) {
  const [reason, setReason] = useState('');
  const ignoring = useChange(api.findings.ignore, {
    refreshes: [checklistQuery(appId).queryKey, ['knowledge', appId, 'pages']],
    says: 'Set aside',
    after: onClose,
  });
  return (
    <Modal
      opened
      onClose={onClose}
      title="Set this finding aside"
      centered
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (reason.trim()) ignoring.mutate({ findingId: finding.id, reason });
        }}
      >
        <p>{finding.message}</p>
        <Textarea
          label="Why"
          description="Later readings leave it aside, and your reason stays with it"
          data-autofocus
          autosize
          minRows={2}
          maxLength={500}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        {ignoring.error && <ErrorNotice title="Not set aside" error={ignoring.error} />}
        <div className="dialog-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" disabled={!reason.trim()} busy={ignoring.isPending}>
            Set aside
          </Button>
        </div>
      </form>
    </Modal>
  );
}
