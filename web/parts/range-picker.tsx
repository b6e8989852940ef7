import '#web/styles/measure.css';
import { Menu } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { CalendarRange, ChevronDown } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { workspaceQuery } from '#web/app.tsx';
import { compareLabels, rangeLabels, useRange } from '#web/range.ts';
import { Button } from './button.tsx';

const CustomRange = lazy(() => import('./custom-range.tsx').then((file) => ({ default: file.CustomRange })));

/** Chooses the range of the page's address, and what it is compared with (unless `compare` is false). Reads it back by `useRange`. */
export function RangePicker({ compare = true, zone }: { compare?: boolean; zone?: string }) {
  const { asked, label, set } = useRange();
  const [choosing, setChoosing] = useState(false);
  // Only looked up, never asked for: the picker also stands where nobody is signed in.
  const known = useQueryClient().getQueryData(workspaceQuery.queryKey)?.timeZone;
  return (
    <>
      <Menu position="bottom-end" width={230} withInitialFocusPlaceholder={false}>
        <Menu.Target>
          <Button className="range-button">
            <CalendarRange size={15} aria-hidden="true" />
            {label}
            <ChevronDown size={14} aria-hidden="true" />
            <span className="hidden-text">, choose the range</span>
          </Button>
        </Menu.Target>
        <Menu.Dropdown className="range-menu">
          <Menu.RadioGroup
            value={asked.range}
            onChange={(range) => range !== 'custom' && set({ range: range as typeof asked.range })}
          >
            {Object.entries(rangeLabels).map(([range, words]) => (
              <Menu.RadioItem key={range} value={range} closeMenuOnClick>
                {words}
              </Menu.RadioItem>
            ))}
            <Menu.RadioItem value="custom" closeMenuOnClick onClick={() => setChoosing(true)}>
              Custom range…
            </Menu.RadioItem>
          </Menu.RadioGroup>
          {compare && (
            <>
              <Menu.Divider />
              <Menu.Label>Compare with</Menu.Label>
              <Menu.RadioGroup
                value={asked.compare}
                onChange={(against) => set({ compare: against as typeof asked.compare })}
              >
                {Object.entries(compareLabels).map(([against, words]) => (
                  <Menu.RadioItem key={against} value={against} closeMenuOnClick>
                    {words}
                  </Menu.RadioItem>
                ))}
              </Menu.RadioGroup>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      {choosing && (
        <Suspense fallback={null}>
          <CustomRange
            zone={zone ?? known ?? Intl.DateTimeFormat().resolvedOptions().timeZone}
            from={asked.from}
            until={asked.until}
            onChoose={(from, until) => {
              set({ range: 'custom', from, until });
              setChoosing(false);
            }}
            onClose={() => setChoosing(false)}
          />
        </Suspense>
      )}
    </>
  );
}
