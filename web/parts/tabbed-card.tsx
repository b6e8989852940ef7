import '#web/styles/measure.css';
import { type ReactNode, useId } from 'react';

/** A card that shows one of a few things, named at its head. `onNear` when the pointer or focus comes close to a tab. */
export function TabbedCard<Key extends string>({
  label,
  tabs,
  chosen,
  onChoose,
  onNear,
  action,
  children,
}: {
  /** What the things have in common, read and not drawn: `Where people come from`. */
  label: string;
  tabs: readonly { key: Key; label: string }[];
  chosen: Key;
  onChoose: (key: Key) => void;
  onNear?: (key: Key) => void;
  action?: ReactNode;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <section className="card" aria-labelledby={id}>
      <header className="card-head tabbed-head">
        <h2 id={id} className="hidden-text">
          {label}
        </h2>
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is a form's, this switches what a card shows. */}
        <div className="card-tabs" role="group" aria-label={label}>
          {tabs.map((tab) => (
            <button
              key={tab.key}
              type="button"
              aria-pressed={tab.key === chosen}
              onClick={() => onChoose(tab.key)}
              onPointerEnter={() => onNear?.(tab.key)}
              onFocus={() => onNear?.(tab.key)}
            >
              {tab.label}
            </button>
          ))}
        </div>
        {action && <div className="card-head-action line">{action}</div>}
      </header>
      {children}
    </section>
  );
}
