import { Drawer, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Search } from 'lucide-react';
import { useState } from 'react';
import { type BreakdownProps, BreakdownRows } from './breakdown.tsx';
import { Loaded } from './loaded.tsx';
import { SkeletonLines } from './skeleton.tsx';

/** Every row of a breakdown, with a search. A click narrows the page and closes it. */
export function BreakdownDrawer({ onClose, all, rows, onPick, ...props }: BreakdownProps & { onClose: () => void }) {
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed.trim().toLowerCase(), all ? 200 : 0);
  const found = useQuery({
    queryKey: [...(all?.key ?? ['breakdown', props.label]), 'all', search],
    queryFn: () => all!.load(search),
    enabled: all !== undefined,
    placeholderData: keepPreviousData,
  });
  const own = rows.filter(({ name }) => name.toLowerCase().includes(search));
  const list = (shown: typeof rows) =>
    shown.length === 0 ? (
      <p className="table-empty">Nothing has “{typed}” in its name.</p>
    ) : (
      <BreakdownRows
        {...props}
        {...(all?.columns ? { columns: all.columns } : {})}
        rows={shown}
        {...(onPick
          ? {
              onPick: (row) => {
                onPick(row);
                onClose();
              },
            }
          : {})}
      />
    );
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size={all?.columns ? 860 : 520}
      title={props.label}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      <TextInput
        aria-label={`Search ${props.label.toLowerCase()}`}
        placeholder="Search"
        leftSection={<Search size={15} aria-hidden="true" />}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        data-autofocus
      />
      <div className="breakdown-drawer">
        {all ? (
          <Loaded query={found} skeleton={<SkeletonLines lines={12} />}>
            {list}
          </Loaded>
        ) : (
          list(own)
        )}
      </div>
    </Drawer>
  );
}
