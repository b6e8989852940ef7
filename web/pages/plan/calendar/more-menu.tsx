import { Menu } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import { Download, Ellipsis, FileUp, Repeat } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { api } from '#web/api.ts';
import { IconButton } from '#web/parts/button.tsx';
import { errorWords } from '#web/parts/error-notice.tsx';

const ImportDialog = lazy(() => import('./import-dialog.tsx').then((file) => ({ default: file.ImportDialog })));
const RecurrencesDialog = lazy(() =>
  import('./recurrences-dialog.tsx').then((file) => ({ default: file.RecurrencesDialog })),
);

/** What concerns the whole calendar: tables in and out, and what comes again. */
export function MoreMenu({ range }: { range: { appId: string; from: string; to: string; timeZone: string } }) {
  const [open, setOpen] = useState<'import' | 'recurrences'>();
  const exporting = useMutation({
    mutationFn: () => api.calendar.exportCsv(range),
    onSuccess: ({ csv, rows }) => {
      if (rows === 0) {
        notifications.show({ message: 'Nothing stands in these weeks, so there is nothing to export.' });
        return;
      }
      const link = document.createElement('a');
      link.href = URL.createObjectURL(new Blob([`\uFEFF${csv}`], { type: 'text/csv' }));
      link.download = `calendar ${range.from.slice(0, 10)}.csv`;
      link.click();
      URL.revokeObjectURL(link.href);
    },
    onError: (error) => notifications.show({ color: 'red', title: 'Not exported', message: errorWords(error) }),
  });
  return (
    <>
      <Menu position="bottom-end" width={220}>
        <Menu.Target>
          <IconButton label="More for the calendar">
            <Ellipsis size={16} />
          </IconButton>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<FileUp size={15} />} onClick={() => setOpen('import')}>
            Import a table…
          </Menu.Item>
          <Menu.Item leftSection={<Download size={15} />} onClick={() => exporting.mutate()}>
            Export what is shown
          </Menu.Item>
          <Menu.Item leftSection={<Repeat size={15} />} onClick={() => setOpen('recurrences')}>
            What comes again…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Suspense>
        {open === 'import' && <ImportDialog onClose={() => setOpen(undefined)} />}
        {open === 'recurrences' && <RecurrencesDialog onClose={() => setOpen(undefined)} />}
      </Suspense>
    </>
  );
}
