import { Menu } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Bookmark, Check, ChevronDown, Pencil, Plus } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useAddressChange } from '#web/address.ts';
import { filtersInAddress } from '#web/filters.ts';
import { Button } from '#web/parts/button.tsx';
import { rangeInAddress } from '#web/range.ts';
import { viewsQuery } from './queries.ts';
import { isSame, type Settings, settingsOf } from './settings.ts';

const dialogs = () => import('./view-dialogs.tsx');
const SaveDialog = lazy(() => dialogs().then((file) => ({ default: file.SaveDialog })));
const ManageDialog = lazy(() => dialogs().then((file) => ({ default: file.ManageDialog })));

/** Choosing, saving, renaming and removing what the page was set to. `current`: what it is set to now. */
export function ViewsMenu({ current }: { current: Settings }) {
  const views = useQuery(viewsQuery);
  const change = useAddressChange();
  const [asking, setAsking] = useState<'save' | 'manage'>();
  const list = (views.data ?? []).flatMap((view) => {
    const settings = settingsOf(view.settings);
    return settings && settings.appId === current.appId ? [{ view, settings }] : [];
  });
  const here = list.find(({ settings }) => isSame(settings, current));
  const show = ({ filters, measure, ...range }: Settings) =>
    change({
      ...rangeInAddress(range),
      only: filtersInAddress(filters),
      figure: measure === undefined || measure === 'visitors' ? null : measure,
    });
  return (
    <>
      <Menu position="bottom-end" width={260} withInitialFocusPlaceholder={false}>
        <Menu.Target>
          <Button className="slim-button views-button">
            <Bookmark size={15} aria-hidden="true" />
            <span className="clip">{here?.view.name ?? 'Views'}</span>
            <ChevronDown size={14} aria-hidden="true" />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {list.length > 0 && <Menu.Label>Saved views</Menu.Label>}
          {list.map(({ view, settings }) => (
            <Menu.Item
              key={view.viewId}
              onClick={() => show(settings)}
              rightSection={view === here?.view ? <Check size={14} role="img" aria-label="shown now" /> : null}
            >
              {view.name}
            </Menu.Item>
          ))}
          {views.error && <Menu.Label>Your views did not load</Menu.Label>}
          {list.length > 0 && <Menu.Divider />}
          <Menu.Item leftSection={<Plus size={15} />} onClick={() => setAsking('save')}>
            Save this view
          </Menu.Item>
          {list.length > 0 && (
            <Menu.Item leftSection={<Pencil size={15} />} onClick={() => setAsking('manage')}>
              Rename or remove
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <Suspense fallback={null}>
        {asking === 'save' && <SaveDialog current={current} onClose={() => setAsking(undefined)} />}
        {asking === 'manage' && (
          <ManageDialog views={list.map(({ view }) => view)} onClose={() => setAsking(undefined)} />
        )}
      </Suspense>
    </>
  );
}
