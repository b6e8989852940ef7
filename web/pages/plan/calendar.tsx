import '#web/styles/calendar.css';
import { monitorForElements } from '@atlaskit/pragmatic-drag-and-drop/element/adapter';
import { useMediaQuery } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ChevronLeft, ChevronRight, Plus } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import { useAddress } from '#web/address.ts';
import { api } from '#web/api.ts';
import { useApp, useHouse, workspaceQuery } from '#web/app.tsx';
import { Button, IconButton, LinkButton } from '#web/parts/button.tsx';
import { ErrorNotice, errorWords } from '#web/parts/error-notice.tsx';
import { useTitle } from '#web/parts/page.tsx';
import { Segmented } from '#web/parts/segmented.tsx';
import { Skeleton } from '#web/parts/skeleton.tsx';
import { accountsQuery, campaignsQuery, postsQuery } from '#web/queries.ts';
import { addDays, dayIn, instantIn, mondayOf, weekdayOf } from '#web/zone.ts';
import { Agenda, WeekStrip } from './calendar/agenda.tsx';
import { type CalendarCard, cardsOf, daysShown, eachDay, matches, stepped, type View } from './calendar/cards.ts';
import { FilterChips } from './calendar/filters.tsx';
import { CalendarGrid } from './calendar/grid.tsx';
import { Fatigue } from './calendar/marks.tsx';
import { MoreMenu } from './calendar/more-menu.tsx';
import { MoveDialog } from './calendar/move-dialog.tsx';
import { type Movable, useMove } from './calendar/moving.ts';
import { RecurDialog } from './calendar/recur-dialog.tsx';
import { SelectionBar } from './calendar/selection.tsx';
import { slotAfter } from './calendar/slots.ts';
import { Themes } from './calendar/themes.tsx';
import { movableOf, Tray } from './calendar/tray.tsx';
import { useBestTimes, useSlots } from './calendar/use-times.ts';

const monthName = new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' });
const views: { value: View; label: string }[] = [
  { value: 'week', label: 'Week' },
  { value: 'month', label: 'Month' },
  { value: 'list', label: 'List' },
];

export function CalendarPage() {
  useTitle('Calendar');
  const app = useApp();
  const { timeZone: zone } = useHouse();
  const phone = useMediaQuery('(max-width: 760px)', undefined, { getInitialValueInEffect: false });
  const today = dayIn(Date.now(), zone);
  const [asked, setDay] = useAddress('day', today);
  const [wanted, setView] = useAddress('view', 'month');
  const [accountIds, setAccountIds] = useAddress('accounts', '');
  const [campaignIds, setCampaignIds] = useAddress('campaigns', '');
  const [only, setOnly] = useAddress('only', '');
  const needsApproval = useQuery(workspaceQuery).data?.needsApproval ?? false;
  const day = /^\d{4}-\d\d-\d\d$/.test(asked) && !Number.isNaN(Date.parse(asked)) ? asked : today;
  const view: View = phone ? 'week' : (views.find((each) => each.value === wanted)?.value ?? 'month');
  // A phone shows the seven days from the chosen one on: what lies behind matters less there.
  const { first, end } = phone ? { first: day, end: addDays(day, 7) } : daysShown(view, day);
  const [jumped, setJumped] = useState<string>();
  const shownRange = {
    appId: app.id,
    from: instantIn(first, '00:00', zone).toISOString(),
    to: instantIn(end, '00:00', zone).toISOString(),
    timeZone: zone,
  };
  const range = useQuery({
    queryKey: ['calendar', 'range', app.id, first, end, zone],
    queryFn: () => api.calendar.range(shownRange),
    placeholderData: keepPreviousData,
  });
  const accounts = useQuery(accountsQuery);
  const campaigns = useQuery(campaignsQuery(app.id));
  const drafts = useQuery(postsQuery({ appId: app.id, status: 'draft', limit: 100 }));
  const slots = useSlots(zone);
  const { move, said } = useMove(zone);
  const [asking, setAsking] = useState<{ card: Movable; day: string; time: string }>();
  const [again, setAgain] = useState<CalendarCard>();
  const [chosenKeys, setChosen] = useState<ReadonlySet<string>>(new Set());
  const change = useCardChanges();

  const cards = useMemo(() => cardsOf(range.data?.items ?? [], range.data?.warnings), [range.data]);
  const filter = { accounts: listOf(accountIds), campaigns: listOf(campaignIds), review: only === 'review' };
  const inReview = cards.filter((card) => matches(card, { ...filter, review: true })).length;
  const shown = cards.filter((card) => matches(card, filter));
  const days = eachDay(first, end);
  // Where only some posts are shown, nobody can tell which times are free.
  const best = useBestTimes(slots);
  const free = shown.length === cards.length ? best : none;
  const actions = {
    moveTo: (card: Movable & { time: string }, to: string) => move(card, instantIn(to, card.time, zone)),
    askWhere: (card: Movable & { day: string; time: string }) => setAsking({ card, day: card.day, time: card.time }),
    moveBySlot: (card: Movable & { at: Date }, step: 1 | -1) => {
      const to = slotAfter(slots, card.at, step, zone);
      if (to) move(card, to);
    },
    recur: setAgain,
    submit: change.submit,
    returnToDraft: change.returnToDraft,
    approve: change.approve,
    withdraw: change.withdraw,
  };
  const timeOn = (day: string) => best.get(weekdayOf(day))?.[0] ?? slots.get(1)?.[0] ?? '09:00';
  useDrops((card, to) => move(card, instantIn(to, card.time ?? timeOn(to), zone)));
  const undated = drafts.data?.posts.filter((post) => !post.proposedFor);
  const monday = mondayOf(today);
  const chosen = shown.filter((card) => card.movable && chosenKeys.has(card.key));
  const choose = (key: string, on: boolean) => {
    const next = new Set(chosenKeys);
    if (on) next.add(key);
    else next.delete(key);
    setChosen(next);
  };
  const thisWeek = cards.filter((card) => card.day >= monday && card.day < addDays(monday, 7));

  return (
    <div className="cal" data-view={view}>
      <div className="cal-main">
        <header className="cal-head">
          <h1>{monthName.format(new Date(day))}</h1>
          <IconButton
            label={view === 'week' ? 'Week before' : 'Month before'}
            onClick={() => setDay(stepped(view, day, -1))}
          >
            <ChevronLeft size={16} />
          </IconButton>
          <IconButton
            label={view === 'week' ? 'Week after' : 'Month after'}
            onClick={() => setDay(stepped(view, day, 1))}
          >
            <ChevronRight size={16} />
          </IconButton>
          <Button onClick={() => setDay(null)}>Today</Button>
          <div className="cal-head-end">
            <MoreMenu range={shownRange} />
            <span className="hide-on-phone">
              <Segmented label="View" value={view} onChange={setView} options={views} />
            </span>
            <span className="hide-on-phone">
              <LinkButton to="/compose" look="primary" hint="C">
                <Plus size={15} aria-hidden="true" /> New post
              </LinkButton>
            </span>
          </div>
        </header>
        <FilterChips
          accounts={accounts.data ?? []}
          campaigns={(campaigns.data ?? []).filter(
            ({ status }) => status === 'active' || status === 'scheduled' || status === 'draft',
          )}
          chosen={filter}
          inReview={needsApproval || inReview > 0 || filter.review ? inReview : undefined}
          onAccounts={(ids) => setAccountIds(ids.join(','))}
          onCampaigns={(ids) => setCampaignIds(ids.join(','))}
          onReview={(on) => setOnly(on ? 'review' : null)}
        />
        <p className="hidden-text" role="status">
          {said}
        </p>
        {range.data && <Fatigue warnings={range.data.warnings} />}
        <Themes />
        {chosen.length > 0 && <SelectionBar chosen={chosen} onClear={() => setChosen(new Set())} />}
        {range.error && (
          <div className="cal-trouble">
            <ErrorNotice title="The calendar did not load" error={range.error} onRetry={() => void range.refetch()} />
          </div>
        )}
        {range.isPending && (
          <div className="cal-trouble" role="status" aria-label="Loading">
            <Skeleton height={420} />
          </div>
        )}
        {phone && range.data && (
          <WeekStrip
            days={days}
            chosen={jumped && days.includes(jumped) ? jumped : day}
            cards={shown}
            onChoose={(to) => {
              setJumped(to);
              document.getElementById(`day-${to}`)?.scrollIntoView({ block: 'start' });
            }}
          />
        )}
        {range.data &&
          (phone || view === 'list' ? (
            <Agenda
              days={days}
              today={today}
              zone={zone}
              cards={shown}
              slots={free}
              actions={actions}
              chosen={chosenKeys}
              onChoose={choose}
              empty={
                cards.length > 0
                  ? 'Nothing matches these filters.'
                  : 'Nothing is planned here. Write a post, or let a week be drafted in Compose.'
              }
            />
          ) : (
            <CalendarGrid
              days={days}
              month={view === 'month' ? day.slice(0, 7) : undefined}
              today={today}
              zone={zone}
              cards={shown}
              slots={free}
              actions={actions}
            />
          ))}
      </div>
      <Tray
        drafts={undated}
        week={thisWeek}
        slots={slots}
        onPlace={(draft) =>
          setAsking({ card: movableOf(draft), day: addDays(today, 1), time: timeOn(addDays(today, 1)) })
        }
      />
      {again && <RecurDialog card={again} onClose={() => setAgain(undefined)} />}
      {asking && (
        <MoveDialog
          title={asking.card.title}
          day={asking.day}
          time={asking.time}
          zone={zone}
          onClose={() => setAsking(undefined)}
          onMove={(to) => {
            move(asking.card, to);
            setAsking(undefined);
          }}
        />
      )}
    </div>
  );
}

const none = new Map<number, string[]>();

/** Approving a draft and taking a post back, with what came of it. */
function useCardChanges() {
  const queries = useQueryClient();
  const { mutate } = useMutation({
    mutationFn: (change: { run: () => Promise<unknown>; done: string }) => change.run(),
    onSuccess: (_, { done }) => notifications.show({ message: done }),
    onError: (error) => notifications.show({ color: 'red', title: 'That did not work', message: errorWords(error) }),
    onSettled: () => queries.invalidateQueries(),
  });
  return {
    approve: ({ postId }: Movable) =>
      mutate({ run: () => api.posts.approve({ postId }), done: 'Approved. It is put into the queue for its moment.' }),
    submit: ({ postId }: Movable) =>
      mutate({ run: () => api.posts.submit({ postId }), done: 'Sent for review. An owner approves it.' }),
    returnToDraft: ({ postId }: Movable) =>
      mutate({ run: () => api.posts.returnToDraft({ postId }), done: 'It is a draft again.' }),
    withdraw: ({ publicationIds }: Movable) =>
      mutate({
        run: () => Promise.all(publicationIds.map((publicationId) => api.publications.withdraw({ publicationId }))),
        done: 'Taken back. The post is not lost: it stands under Posts.',
      }),
  };
}

/** Whatever card is dropped on whatever day. */
function useDrops(onDrop: (card: Movable & { time?: string }, day: string) => void): void {
  useEffect(() =>
    monitorForElements({
      onDrop: ({ source, location }) => {
        const to = location.current.dropTargets[0]?.data.day;
        const card = source.data.card as (Movable & { day?: string; time?: string }) | undefined;
        if (typeof to === 'string' && card && card.day !== to) onDrop(card, to);
      },
    }),
  );
}

function listOf(ids: string): string[] {
  return ids.split(',').filter(Boolean);
}
