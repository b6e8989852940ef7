import { queryOptions, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '#web/api.ts';
import type { App } from '#web/app.tsx';
import { counted } from '#web/format.ts';
import { currentQuery, versionsQuery } from '#web/pages/plan/strategy/queries.ts';
import { factsQuery } from '#web/pages/understand/knowledge/queries.ts';
import { useReading } from '#web/pages/understand/knowledge/reading.tsx';
import { accountsQuery, campaignsQuery } from '#web/queries.ts';

export type StepId = 'read' | 'check' | 'strategy' | 'week' | 'schedule';

export const setupSteps: { id: StepId; title: string; note: string }[] = [
  { id: 'read', title: 'Read your app', note: 'From its public pages' },
  { id: 'check', title: 'Check what was found', note: 'Confirm or correct' },
  { id: 'strategy', title: 'Approve a strategy', note: 'For whom, what, how often' },
  { id: 'week', title: 'Plan the first week', note: 'A campaign and its drafts' },
  { id: 'schedule', title: 'Schedule the first post', note: 'On X, or on the sandbox' },
];

/** Drafts of an app, for the week and for the first post. Asked again while they are being written. */
export const draftsQuery = (appId: string, writing: boolean) =>
  queryOptions({
    queryKey: ['posts', 'welcome', appId],
    queryFn: async () => (await api.posts.list({ appId, limit: 50 })).posts,
    refetchInterval: writing ? 1500 : false,
  });

/**
 * Where the setup of an app stands, told by what there is on the server: it can be left at any step, and any other way
 * to the same end counts as well. Only "I have looked at the facts" leaves no trace there and is kept in the browser.
 */
export function useSetup(app: App) {
  const { reading, analysis, underWay, starting, cancelling } = useReading(app.id);
  const [checked, setChecked] = useState(() => localStorage.getItem(checkedName(app.id)) !== null);
  const read = analysis?.state === 'done';
  const facts = useQuery({ ...factsQuery(app.id), enabled: !underWay });
  const current = useQuery(currentQuery(app.id));
  // A proposal follows a reading by itself, a moment later.
  const versions = useQuery({
    ...versionsQuery(app.id),
    refetchInterval: ({ state }) => (read && state.data?.length === 0 ? 1500 : false),
  });
  const campaigns = useQuery({
    ...campaignsQuery(app.id),
    refetchInterval: ({ state }) => (current.data && state.data?.length === 0 ? 1500 : false),
  });
  const campaign = campaigns.data?.find((each) => each.status !== 'completed' && each.status !== 'cancelled');
  const running = campaign?.status === 'active' || campaign?.status === 'scheduled';
  const posts = useQuery(draftsQuery(app.id, running && campaign.posts.all === 0));
  const accounts = useQuery(accountsQuery);
  const known = (facts.data?.groups.length ?? 0) > 0;
  const decided = (facts.data?.counts.confirmed ?? 0) + (facts.data?.counts.corrected ?? 0);
  const scheduled = posts.data?.filter((post) => post.status === 'scheduled' || post.status === 'published') ?? [];
  const drafts = (posts.data ?? [])
    .filter((post) => post.status === 'draft' || post.status === 'approved')
    .sort((a, b) => timeOf(a.proposedFor) - timeOf(b.proposedFor));
  const done: Record<StepId, boolean> = {
    read: read || (known && !underWay),
    check: checked || current.data != null,
    strategy: current.data != null,
    week: (posts.data?.length ?? 0) > 0,
    schedule: scheduled.length > 0,
  };
  const notes: Partial<Record<StepId, string>> = {
    read: done.read ? app.name : undefined,
    check: done.check && decided > 0 ? `${counted(decided, 'fact')} confirmed` : undefined,
    week: done.week ? counted(posts.data?.length ?? 0, 'post') : undefined,
  };
  const queries = [reading, facts, current, versions, campaigns, posts, accounts];
  return {
    analysis,
    underWay,
    starting,
    cancelling,
    done,
    notes,
    /** The first step that is not done; none when the setup is complete. */
    now: setupSteps.find((step) => !done[step.id])?.id,
    loaded:
      reading.data !== undefined &&
      [current, versions, campaigns, posts, accounts].every((each) => each.data !== undefined),
    error: queries.find((query) => query.error)?.error ?? null,
    refetch: () => queries.forEach((query) => void (query.error && query.refetch())),
    facts: facts.data,
    proposed: versions.data?.find((version) => version.state === 'proposed'),
    current: current.data ?? null,
    campaign,
    drafts,
    scheduled,
    accounts: accounts.data?.filter((account) => account.status === 'connected') ?? [],
    check: () => {
      localStorage.setItem(checkedName(app.id), 'yes');
      setChecked(true);
    },
  };
}

export type Setup = ReturnType<typeof useSetup>;

function checkedName(appId: string): string {
  return `fanfare-checked-${appId}`;
}

function timeOf(moment: Date | null): number {
  return moment?.getTime() ?? Number.POSITIVE_INFINITY;
}
