import { StrategyItem } from './items.tsx';
import type { StrategyDiff } from './queries.ts';
import { objectiveWords } from './words.ts';

/** What a later version of the strategy says otherwise. */
export function Difference({ diff }: { diff: StrategyDiff }) {
  if (diff.settings.length + diff.added.length + diff.removed.length + diff.changed.length === 0)
    return <p className="sub">Nothing differs from the current strategy.</p>;
  return (
    <div className="stack" data-gap="small">
      {diff.settings.map((change) => (
        <div key={change.field} className="plan-setting">
          <span className="sub">{fieldWords[change.field] ?? change.field}</span>
          <s>{said(change.field, change.before)}</s>
          <span>{said(change.field, change.after)}</span>
        </div>
      ))}
      <ul>
        {diff.added.map((item) => (
          <StrategyItem key={item.id} item={item} mark="+" />
        ))}
        {diff.changed.map(({ after }) => (
          <StrategyItem key={after.id} item={after} mark="~" />
        ))}
        {diff.removed.map((item) => (
          <StrategyItem key={item.id} item={item} mark="−" />
        ))}
      </ul>
    </div>
  );
}

const fieldWords: Record<string, string> = {
  objective: 'Aim',
  postsPerWeek: 'Posts a week',
  positioning: 'Positioning',
  summary: 'Summary',
};

function said(field: string, value: string): string {
  return (field === 'objective' && (objectiveWords as Record<string, string>)[value]) || value || 'nothing';
}
