import { queryOptions, useQuery, useSuspenseQuery } from '@tanstack/react-query';
import { createContext, type ReactNode, use, useCallback, useMemo, useState } from 'react';
import { api } from './api.ts';

export type App = Awaited<ReturnType<typeof api.apps.list>>['apps'][number];

export const appsQuery = queryOptions({
  queryKey: ['apps.list'],
  queryFn: async () => (await api.apps.list({})).apps,
});

/** Name, zone and currency of the workspace: what moments and money are shown in. */
export const workspaceQuery = queryOptions({
  queryKey: ['workspaces.current'],
  queryFn: () => api.workspaces.current({}),
  staleTime: 300_000,
});

interface Choice {
  apps: App[];
  /** The app everything on the page is about; missing only before the first one is registered. */
  app: App | undefined;
  choose: (appId: string) => void;
}

const storageName = 'fanfare-app';
const ChoiceContext = createContext<Choice | undefined>(undefined);

/** Keeps which of the person's apps the pages are about, across visits. Suspends until the list is there. */
export function AppChoice({ children }: { children: ReactNode }) {
  const { data: apps } = useSuspenseQuery(appsQuery);
  const [chosen, setChosen] = useState(() => localStorage.getItem(storageName));
  const choose = useCallback((appId: string) => {
    localStorage.setItem(storageName, appId);
    setChosen(appId);
  }, []);
  const choice = useMemo(
    () => ({ apps, choose, app: apps.find((app) => app.id === chosen) ?? apps[0] }),
    [apps, chosen, choose],
  );
  return <ChoiceContext value={choice}>{children}</ChoiceContext>;
}

export function useAppChoice(): Choice {
  const choice = use(ChoiceContext);
  if (!choice) throw new Error('useAppChoice needs AppChoice around it.');
  return choice;
}

/** The app the page is about. For pages that only exist once there is one: the frame leads to /welcome before. */
export function useApp(): App {
  const { app } = useAppChoice();
  if (!app) throw new Error('There is no app yet. Register one first.');
  return app;
}

/** The workspace's zone, currency and review, with what the browser has until they are known. */
export function useHouse(): { timeZone: string; currency: string; mayApprove: boolean } {
  const { data } = useQuery(workspaceQuery);
  return {
    timeZone: data?.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    currency: data?.currency ?? 'USD',
    /** False where an owner has to approve what goes out. */
    mayApprove: data?.mayApprove ?? true,
  };
}
