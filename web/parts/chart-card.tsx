import '#web/styles/measure.css';
import { Menu } from '@mantine/core';
import { Download, FileSpreadsheet, Image } from 'lucide-react';
import { type ReactNode, useId, useRef } from 'react';
import { csvOf, type Rows, saveFile } from '#web/file.ts';
import { tell } from '#web/tell.ts';
import { IconButton } from './button.tsx';
import { errorWords } from './error-notice.tsx';

/**
 * A card whose content can be taken away: as CSV what `rows` gives when asked, as PNG the chart in it (only where
 * `picture` is true: it needs an SVG). `file` is the name without its ending. `range` and `zone` are printed on the picture.
 */
export function ChartCard({
  title,
  sub,
  file,
  rows,
  picture = true,
  range,
  zone,
  action,
  padded = false,
  children,
}: {
  title: string;
  sub?: ReactNode;
  file: string;
  rows: () => Rows | Promise<Rows>;
  picture?: boolean;
  range?: string;
  zone?: string;
  /** What else stands at the right of the head. */
  action?: ReactNode;
  /** Whether the content gets the card's own padding; tables and lists bring theirs. */
  padded?: boolean;
  children: ReactNode;
}) {
  const id = useId();
  const body = useRef<HTMLDivElement>(null);
  const words = typeof sub === 'string' ? sub : undefined;
  const note = [words, range, zone?.replaceAll('_', ' ')].filter(Boolean).join(' · ');
  return (
    <section className="card chart-card" aria-labelledby={id}>
      <header className="card-head">
        <h2 id={id}>{title}</h2>
        {sub && <span>{sub}</span>}
        <div className="card-head-action line">
          {action}
          <DownloadMenu
            title={title}
            onCsv={async () => saveFile(`${file}.csv`, new Blob([csvOf(await rows())], { type: 'text/csv' }))}
            onPicture={
              picture
                ? async () => {
                    const { pictureOf } = await import('./chart-picture.ts');
                    saveFile(`${file}.png`, await pictureOf(body.current!, { title, note }));
                  }
                : undefined
            }
          />
        </div>
      </header>
      <div ref={body} className={padded ? 'card-body' : undefined}>
        {children}
      </div>
    </section>
  );
}

/** The two ways to take something away, for places that are no card of their own. */
export function DownloadMenu({
  title,
  onCsv,
  onPicture,
}: {
  title: string;
  onCsv: () => Promise<void>;
  onPicture?: (() => Promise<void>) | undefined;
}) {
  const take = (run: () => Promise<void>) => () =>
    run().catch((error) => void tell({ title: 'The file was not made', message: errorWords(error), color: 'red' }));
  return (
    <Menu position="bottom-end" width={176} withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <IconButton label={`Download ${title}`}>
          <Download size={15} strokeWidth={1.75} />
        </IconButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<FileSpreadsheet size={15} />} onClick={take(onCsv)}>
          Download CSV
        </Menu.Item>
        {onPicture && (
          <Menu.Item leftSection={<Image size={15} />} onClick={take(onPicture)}>
            Download PNG
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
