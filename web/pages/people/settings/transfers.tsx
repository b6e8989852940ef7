import { useQuery } from '@tanstack/react-query';
import { useAppChoice } from '#web/app.tsx';
import { sessionQuery } from '#web/session.ts';
import { ExportCard } from './transfers-export.tsx';
import { HistoryCard } from './transfers-history.tsx';
import { ImportCard } from './transfers-import.tsx';
import './transfers.css';

/** What can come in from elsewhere, and everything going out. */
export function TransfersSection() {
  const { app } = useAppChoice();
  const { data: person } = useQuery(sessionQuery);
  return (
    <>
      <ImportCard key={app?.id ?? ''} app={app ?? null} />
      {person && <ExportCard />}
      <HistoryCard />
    </>
  );
}
