import { Menu } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Check } from 'lucide-react';
import { useEffect } from 'react';
import { api } from './api.ts';
import { workspaceQuery } from './app.tsx';
import { errorWords } from './parts/error-notice.tsx';
import { tell } from './tell.ts';

const channelName = 'fanfare-workspace';

/** In the menu at the top left: the person's workspaces, for who has more than one. */
export function WorkspaceItems() {
  const { data } = useQuery({
    queryKey: ['workspaces.list'],
    queryFn: async () => (await api.workspaces.list({})).workspaces,
    staleTime: 300_000,
  });
  const current = useQuery(workspaceQuery);
  if (!data || data.length < 2) return null;
  return (
    <>
      <Menu.Divider />
      <Menu.Label>Workspaces</Menu.Label>
      {data.map(({ id, name }) => {
        const here = id === current.data?.id;
        return (
          <Menu.Item
            key={id}
            rightSection={here ? <Check size={14} aria-label="chosen" role="img" /> : null}
            onClick={() => !here && void enter(id)}
          >
            {name}
          </Menu.Item>
        );
      })}
    </>
  );
}

/** What is on a page belongs to the workspace before, in every window of this browser: they are loaded anew. */
export function WorkspaceWatch() {
  useEffect(() => {
    const channel = new BroadcastChannel(channelName);
    channel.onmessage = () => location.assign('/');
    return () => channel.close();
  }, []);
  return null;
}

async function enter(workspaceId: string): Promise<void> {
  try {
    await api.workspaces.enter({ workspaceId });
  } catch (error) {
    return tell({ color: 'red', title: 'You are still here', message: errorWords(error) });
  }
  new BroadcastChannel(channelName).postMessage(workspaceId);
  location.assign('/');
}
