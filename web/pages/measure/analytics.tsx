import './analytics/analytics.css';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useAddress } from '#web/address.ts';
import { useApp, useHouse } from '#web/app.tsx';
import { useFilters } from '#web/filters.ts';
import { FilterBar } from '#web/parts/filter-bar.tsx';
import { Page } from '#web/parts/page.tsx';
import { RangePicker } from '#web/parts/range-picker.tsx';
import { RawRowsNote } from '#web/parts/raw-rows-note.tsx';
import { ZoneNote } from '#web/parts/zone-note.tsx';
import { useRange } from '#web/range.ts';
import { AddFilter } from './analytics/add-filter.tsx';
import { AgentsCard } from './analytics/agents-card.tsx';
import { BreakdownCard } from './analytics/breakdown-card.tsx';
import { EventsCard } from './analytics/events-card.tsx';
import { FiguresCard } from './analytics/figures-card.tsx';
import { LiveStrip } from './analytics/live.tsx';
import { NoTraffic } from './analytics/no-traffic.tsx';
import { totalsQuery, useQuestion } from './analytics/queries.ts';
import type { Settings } from './analytics/settings.ts';
import { ShareButton } from './analytics/share.tsx';
import { Value } from './analytics/value.tsx';
import { ViewsMenu } from './analytics/views.tsx';
import { WeekCard } from './analytics/week-card.tsx';
import { isMeasure, nameOfDimension } from './analytics/words.tsx';

/** Who came, from where, to what, and what became of it. */
export function AnalyticsPage() {
  const app = useApp();
  const house = useHouse();
  const { asked, label, compareLabel } = useRange();
  const { filters } = useFilters();
  const [figure, setFigure] = useAddress('figure', 'visitors');
  const measure = isMeasure(figure) ? figure : 'visitors';
  const question = useQuestion();
  const totals = useQuery(totalsQuery(question));
  const current = useMemo<Settings>(
    () => ({ appId: app.id, ...asked, filters, measure }),
    [app.id, asked, filters, measure],
  );
  const bare = totals.data?.began === null;
  return (
    <Page
      title="Analytics"
      intro={<LiveStrip appId={app.id} />}
      actions={
        bare ? undefined : (
          <>
            <AddFilter question={question} />
            <ViewsMenu current={current} />
            <ShareButton current={current} label={label} />
            <RangePicker />
          </>
        )
      }
    >
      {bare ? (
        <NoTraffic appId={app.id} />
      ) : (
        <>
          <FilterBar
            name={nameOfDimension}
            show={(dimension, value) => <Value appId={app.id} dimension={dimension} value={value} />}
          />
          <FiguresCard
            question={question}
            measure={measure}
            onMeasure={setFigure}
            label={label}
            against={compareLabel}
          />
          <div className="row" data-split="1-1">
            <BreakdownCard
              name="from"
              label="Where people come from"
              dimensions={['source', 'channel', 'campaign', 'referrer', 'content', 'term']}
              question={question}
              measure={measure}
              empty={{
                campaign: 'No visit came with a campaign in its link.',
                term: 'No visit came with a search term.',
              }}
            />
            <BreakdownCard
              name="pages"
              label="What they look at"
              dimensions={['path', 'entry', 'exit', 'host']}
              question={question}
              measure={measure}
            />
            <BreakdownCard
              name="posts"
              label="Posts that brought them"
              dimensions={['post']}
              question={question}
              measure={measure}
              empty={{ post: 'No visit came through the link of a post in this range.' }}
            />
            <BreakdownCard
              name="where"
              label="Where they are"
              dimensions={['country']}
              question={question}
              measure={measure}
              empty={{ country: 'No country is known for these visits.' }}
            />
            <BreakdownCard
              name="with"
              label="What they use"
              dimensions={['device', 'browser', 'system']}
              question={question}
              measure={measure}
              shown={5}
            />
            <EventsCard question={question} />
            <WeekCard question={question} measure={measure} label={label} />
            <AgentsCard question={question} />
          </div>
          <RawRowsNote asked={asked} />
          <ZoneNote zone={totals.data?.timeZone ?? house.timeZone} />
        </>
      )}
    </Page>
  );
}
