import { Drawer, Menu } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { BookText, Braces, Check, Languages, LogOut, Plus, UserRound } from 'lucide-react';
import { type ReactNode, Suspense } from 'react';
import { AppMark, type ShellProps } from './shell.tsx';
import { type Language, languages, speak, useWords } from './words.ts';

/** The menu of one's apps, at the button given. */
export function SwitcherMenu({
  apps,
  chosen,
  onApp,
  onAddApp,
  workspaces,
  opened,
  children,
}: Pick<ShellProps, 'apps' | 'onApp' | 'onAddApp' | 'workspaces'> & {
  chosen: string | undefined;
  /** Whether it was asked for before it was there. */
  opened: boolean;
  children: ReactNode;
}) {
  const { say } = useWords();
  return (
    <Menu
      position="bottom-start"
      width={216}
      withinPortal={false}
      withInitialFocusPlaceholder={false}
      defaultOpened={opened}
    >
      <Menu.Target>{children}</Menu.Target>
      <Menu.Dropdown>
        {apps.length > 0 && <Menu.Label>{say('shell.yourApps')}</Menu.Label>}
        {apps.map((each) => (
          <Menu.Item
            key={each.id}
            leftSection={<AppMark app={each} />}
            rightSection={each.id === chosen ? <Check size={14} aria-label={say('shell.chosen')} role="img" /> : null}
            onClick={() => onApp?.(each.id)}
          >
            {each.name}
          </Menu.Item>
        ))}
        {onAddApp && (
          <Menu.Item leftSection={<Plus size={15} style={{ margin: '0 3.5px' }} />} onClick={onAddApp}>
            {say('shell.addApp')}
          </Menu.Item>
        )}
        <Suspense>{workspaces}</Suspense>
      </Menu.Dropdown>
    </Menu>
  );
}

/** What one can do as who one is. */
export function PersonMenu({
  email,
  onSignOut,
  opened,
  children,
}: {
  email: string;
  onSignOut: () => void;
  opened: boolean;
  children: ReactNode;
}) {
  const { say, language } = useWords();
  return (
    <Menu
      position="top-start"
      width={216}
      withinPortal={false}
      withInitialFocusPlaceholder={false}
      defaultOpened={opened}
    >
      <Menu.Target>{children}</Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{email}</Menu.Label>
        <Menu.Item
          leftSection={<UserRound size={15} />}
          renderRoot={(props) => <Link {...props} to="/settings/$section" params={{ section: 'account' }} />}
        >
          {say('shell.account')}
        </Menu.Item>
        <Menu.Item leftSection={<BookText size={15} />} component={Link} to="/docs">
          {say('shell.docs')}
        </Menu.Item>
        <Menu.Item leftSection={<Braces size={15} />} component={Link} to="/reference">
          {say('shell.reference')}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{say('shell.language')}</Menu.Label>
        {(Object.keys(languages) as Language[]).map((each) => (
          <Menu.Item
            key={each}
            lang={each}
            leftSection={<Languages size={15} />}
            rightSection={each === language ? <Check size={14} aria-label={say('shell.chosen')} role="img" /> : null}
            onClick={() => void speak(each)}
          >
            {languages[each]}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<LogOut size={15} />} onClick={onSignOut}>
          {say('shell.signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** The sheet from below with everything that has no place in the tab bar. */
export function MoreSheet({
  opened,
  onClose,
  children,
}: {
  opened: boolean;
  onClose: () => void;
  children: ReactNode;
}) {
  const { say } = useWords();
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      position="bottom"
      size="auto"
      title={say('shell.more')}
      closeButtonProps={{ 'aria-label': say('shell.close') }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: closes the sheet after a link inside it was followed, by mouse or keyboard alike. */}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: see above. */}
      <div className="more-sheet" onClick={(event) => (event.target as Element).closest('a') && onClose()}>
        {children}
      </div>
    </Drawer>
  );
}
