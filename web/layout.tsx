import { useDebouncedValue } from '@mantine/hooks';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Navigate, Outlet, useNavigate, useRouteContext, useRouterState } from '@tanstack/react-router';
import { Bell } from 'lucide-react';
import { lazy, Suspense, useMemo, useState } from 'react';
import { setupQuery } from './api.ts';
import { AppChoice, useAppChoice } from './app.tsx';
import { useIdle } from './idle.ts';
import { useKeys } from './keys.ts';
import { places } from './nav.ts';
import { byHandCountQuery } from './pages/distribute/by-hand/queries.ts';
import { inboxCountQuery } from './pages/distribute/inbox/queries.ts';
import { IconButton } from './parts/button.tsx';
import { SkeletonPage } from './parts/skeleton.tsx';
import { PublishingBanner, PublishingLine } from './publishing.tsx';
import { postsQuery, spendQuery, suggestionsQuery } from './queries.ts';
import { signOut } from './session.ts';
import { Shell, type ShellProps } from './shell.tsx';
import { useWords } from './words.ts';

const NoticeBell = lazy(() => import('./notices.tsx').then((file) => ({ default: file.NoticeBell })));
const WorkspaceItems = lazy(() => import('./workspaces.tsx').then((file) => ({ default: file.WorkspaceItems })));
const WorkspaceWatch = lazy(() => import('./workspaces.tsx').then((file) => ({ default: file.WorkspaceWatch })));
const Palette = lazy(() => import('./palette.tsx').then((file) => ({ default: file.Palette })));
const KeysHelp = lazy(() => import('./help.tsx').then((file) => ({ default: file.KeysHelp })));

/** What stands around every page inside: the frame filled with the person's data, and the keys. */
export function Layout() {
  return (
    <Suspense fallback={<SkeletonPage />}>
      <AppChoice>
        <Frame />
      </AppChoice>
    </Suspense>
  );
}

function Frame() {
  const { person } = useRouteContext({ from: '/inside' });
  const { apps, app, choose } = useAppChoice();
  const setup = useQuery(setupQuery);
  // The page that stands in the frame; the address is ahead of it while the next one loads.
  const path = useRouterState({ select: (state) => state.matches.at(-1)?.pathname ?? state.location.pathname });
  const queries = useQueryClient();
  const go = useNavigate();
  const [help, setHelp] = useState(false);
  const idle = useIdle();
  const counts = useCounts(app?.id);
  const spend = useSpend();
  const [query, setQuery] = useState('');
  const found = useFoundPosts(app?.id, query);
  useKeys(
    useMemo(
      () => ({
        c: () => void go({ to: '/compose' }),
        '?': () => setHelp(true),
        ...Object.fromEntries(places.map((place) => [`g ${place.key}`, () => void go({ to: place.to })])),
      }),
      [go],
    ),
  );
  const leave = async () => {
    await signOut();
    queries.clear();
    await go({ to: '/sign-in', search: {} });
  };
  const addApp = () => void go({ to: '/welcome' });
  // Without an app there is nothing to show but the way to one; settings and the reference stand for themselves.
  const needsApp = !app && !/^\/(welcome|settings|reference|flow)/.test(path);
  return (
    <Shell
      person={person}
      apps={apps}
      appId={app?.id}
      onApp={choose}
      onAddApp={addApp}
      workspaces={<WorkspaceItems />}
      demo={setup.data?.demo}
      counts={counts}
      {...(spend ? { spend } : {})}
      bell={
        idle ? (
          <Suspense fallback={<BellAlone />}>
            <NoticeBell />
          </Suspense>
        ) : (
          <BellAlone />
        )
      }
      health={<PublishingLine />}
      banner={<PublishingBanner />}
      onSignOut={() => void leave()}
    >
      {needsApp ? <Navigate to="/welcome" /> : <Outlet />}
      <Suspense fallback={null}>
        {idle && <WorkspaceWatch />}
        {idle && <Palette recentPosts={found} onQuery={setQuery} onAddApp={addApp} onHelp={() => setHelp(true)} />}
        {help && <KeysHelp opened onClose={() => setHelp(false)} />}
      </Suspense>
    </Shell>
  );
}

/** The bell before what it rings for is there. */
function BellAlone() {
  const { say } = useWords();
  return (
    <IconButton label={say('notices.title')} disabled>
      <Bell size={16} strokeWidth={1.75} />
    </IconButton>
  );
}

/** What stands beside the places of the sidebar: what waits for a person. */
function useCounts(appId: string | undefined): NonNullable<ShellProps['counts']> {
  const suggestions = useQuery({ ...suggestionsQuery(appId ?? ''), enabled: appId !== undefined });
  const drafts = useQuery({
    ...postsQuery({ appId: appId ?? '', status: 'draft', limit: 100 }),
    enabled: appId !== undefined,
  });
  const inbox = useQuery(inboxCountQuery);
  const byHand = useQuery(byHandCountQuery);
  return {
    suggestions: suggestions.data?.counts.proposed ?? 0,
    drafts: drafts.data?.posts.length ?? 0,
    inbox: inbox.data?.unread ?? 0,
    byHand: byHand.data ?? 0,
  };
}

/** What X has charged this month against the budgets; nothing before an account of X is connected. */
function useSpend(): ShellProps['spend'] {
  const { data } = useQuery(spendQuery);
  const accounts = data?.accounts.filter(({ platform }) => platform === 'x') ?? [];
  if (accounts.length === 0) return undefined;
  const budgets = accounts.map(({ budgetMicros }) => budgetMicros);
  const limit = budgets.every((budget) => budget !== null)
    ? budgets.reduce((sum, budget) => sum + (budget ?? 0), 0)
    : null;
  // Millionths of a dollar to cents.
  const cents = (micros: number) => String(Math.round(micros / 10_000));
  const spent = accounts.reduce((sum, { micros }) => sum + micros, 0);
  return { spent: cents(spent), limit: limit === null ? null : cents(limit), currency: 'USD' };
}

/** For the palette: the posts changed last, or those with the words typed. */
function useFoundPosts(appId: string | undefined, typed: string): { id: string; text: string; found?: string }[] {
  const [query] = useDebouncedValue(typed.trim(), 200);
  const posts = useQuery({
    ...postsQuery({ appId: appId ?? '', limit: 5, ...(query ? { search: query.slice(0, 200) } : {}) }),
    enabled: appId !== undefined,
  });
  return (posts.data?.posts ?? []).map(({ id, title }) => ({ id, text: title, ...(query ? { found: typed } : {}) }));
}
