import { Drawer, Menu } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { BookText, Braces, Check, LogOut, Plus } from 'lucide-react';
import type { ReactNode } from 'react';
import { AppMark, type ShellProps } from './shell.tsx';

/** The menu of one's apps, at the button given. */
export function SwitcherMenu({
  apps,
  chosen,
  onApp,
  onAddApp,
  opened,
  children,
}: Pick<ShellProps, 'apps' | 'onApp' | 'onAddApp'> & {
  chosen: string | undefined;
  /** Whether it was asked for before it was there. */
  opened: boolean;
  children: ReactNode;
}) {
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
        {apps.length > 0 && <Menu.Label>Your apps</Menu.Label>}
        {apps.map((each) => (
          <Menu.Item
            key={each.id}
            leftSection={<AppMark app={each} />}
            rightSection={each.id === chosen ? <Check size={14} aria-label="chosen" role="img" /> : null}
            onClick={() => onApp?.(each.id)}
          >
            {each.name}
          </Menu.Item>
        ))}
        {onAddApp && (
          <Menu.Item leftSection={<Plus size={15} style={{ margin: '0 3.5px' }} />} onClick={onAddApp}>
            Add an app
          </Menu.Item>
        )}
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
        <Menu.Item leftSection={<BookText size={15} />} component={Link} to="/docs">
          Docs
        </Menu.Item>
        <Menu.Item leftSection={<Braces size={15} />} component={Link} to="/reference">
          API reference
        </Menu.Item>
        <Menu.Item leftSection={<LogOut size={15} />} onClick={onSignOut}>
          Sign out
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
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      position="bottom"
      size="auto"
      title="More"
      closeButtonProps={{ 'aria-label': 'Close' }}
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
