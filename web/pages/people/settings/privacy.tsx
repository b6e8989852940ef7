import type { ReactNode } from 'react';
import { useAddress } from '#web/address.ts';
import { Segmented } from '#web/parts/segmented.tsx';
import { CheckView } from './privacy-check.tsx';
import { KeptView } from './privacy-kept.tsx';
import { PersonView } from './privacy-person.tsx';
import { ProcessingView } from './privacy-processing.tsx';
import './privacy.css';

type View = 'person' | 'kept' | 'processing' | 'check';

const views: Record<View, { label: string; show: () => ReactNode }> = {
  person: { label: 'A person', show: PersonView },
  kept: { label: 'How long', show: KeptView },
  processing: { label: 'What is kept', show: ProcessingView },
  check: { label: 'Self-check', show: CheckView },
};

/** People’s data: somebody’s own, how long it is kept, what there is at all, and whether all is as it should be. */
export function PrivacySection() {
  const [asked, choose] = useAddress('show', 'person');
  const view = asked in views ? (asked as View) : 'person';
  const Shown = views[view].show;
  return (
    <>
      <div className="privacy-views">
        <Segmented
          label="Part of privacy"
          options={Object.entries(views).map(([value, { label }]) => ({ value: value as View, label }))}
          value={view}
          onChange={choose}
        />
      </div>
      <Shown />
    </>
  );
}
