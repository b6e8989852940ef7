import { useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { Spotlight, type SpotlightActionData, type SpotlightActionGroupData } from '@mantine/spotlight';
import { useNavigate } from '@tanstack/react-router';
import { BookText, Braces, Keyboard, Moon, PenLine, Plus, Search, Sun } from 'lucide-react';
import { keysOf, places } from './nav.ts';
import { useWords } from './words.ts';

/** ⌘K: what can be done, where one can go, and the posts one was at last. */
export function Palette({
  recentPosts = [],
  onQuery,
  onAddApp,
  onHelp,
}: {
  /** `found`: the query the server found it by, so that it is not filtered out again by its title alone. */
  recentPosts?: { id: string; text: string; found?: string }[];
  /** Called with each query, so that the caller can look for more posts. */
  onQuery?: (query: string) => void;
  onAddApp?: () => void;
  onHelp: () => void;
}) {
  const { say } = useWords();
  const go = useNavigate();
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme('light') === 'dark';
  const actions: SpotlightActionData[] = [
    {
      id: 'new-post',
      label: say('shell.newPost'),
      leftSection: icon(PenLine),
      rightSection: keys('C'),
      onClick: () => void go({ to: '/compose' }),
    },
    {
      id: 'scheme',
      label: say(dark ? 'shell.light' : 'shell.dark'),
      keywords: say('palette.schemeWords'),
      leftSection: icon(dark ? Sun : Moon),
      onClick: () => setColorScheme(dark ? 'light' : 'dark'),
    },
    { id: 'docs', label: say('shell.docs'), leftSection: icon(BookText), onClick: () => void go({ to: '/docs' }) },
    {
      id: 'reference',
      label: say('shell.reference'),
      leftSection: icon(Braces),
      onClick: () => void go({ to: '/reference' }),
    },
    { id: 'help', label: say('keys.title'), leftSection: icon(Keyboard), rightSection: keys('?'), onClick: onHelp },
  ];
  if (onAddApp)
    actions.splice(1, 0, { id: 'add-app', label: say('shell.addApp'), leftSection: icon(Plus), onClick: onAddApp });
  const groups: SpotlightActionGroupData[] = [
    { group: say('palette.actions'), actions },
    {
      group: say('shell.pages'),
      actions: places.map((place) => ({
        id: place.to,
        label: say(place.label),
        leftSection: icon(place.icon),
        rightSection: keys(...keysOf(place)),
        onClick: () => void go({ to: place.to }),
      })),
    },
  ];
  if (recentPosts.length > 0) {
    groups.push({
      group: say('palette.recent'),
      actions: recentPosts.map((post) => ({
        id: `post-${post.id}`,
        label: post.text,
        ...(post.found ? { keywords: post.found } : {}),
        onClick: () => void go({ to: '/posts/$postId', params: { postId: post.id } }),
      })),
    });
  }
  return (
    <Spotlight
      actions={groups}
      attributes={{ content: { 'aria-label': say('shell.find') } }}
      shortcut="mod + K"
      limit={14}
      scrollable
      maxHeight={420}
      highlightQuery={false}
      nothingFound={say('palette.nothing')}
      radius="lg"
      size={560}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1, blur: 0 }}
      onQueryChange={onQuery}
      searchProps={{
        leftSection: <Search size={17} />,
        placeholder: say('palette.field'),
        'aria-label': say('palette.field'),
      }}
    />
  );
}

function icon(Icon: typeof Moon) {
  return <Icon size={16} strokeWidth={1.75} aria-hidden="true" />;
}

function keys(...each: string[]) {
  return (
    <span style={{ display: 'flex', gap: 4 }} aria-hidden="true">
      {each.map((key) => (
        <kbd key={key}>{key}</kbd>
      ))}
    </span>
  );
}
