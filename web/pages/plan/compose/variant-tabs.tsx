import { Button } from '#web/parts/button.tsx';
import { PlatformIcon } from '#web/parts/platform-icon.tsx';
import { ALL, type Draft } from './draft.ts';
import type { PlatformInfo } from './measure.ts';

/** Whose words are shown: those for all, or those of one platform, which takes those for all until it has its own. */
export function VariantTabs({
  draft,
  tab,
  platforms,
  alone,
  readOnly,
  onTab,
  onOwn,
  onInherit,
}: {
  draft: Draft;
  tab: string;
  platforms: PlatformInfo[];
  /** Whether the platform of the tab is the only one that takes the words for all. */
  alone: boolean;
  readOnly: boolean;
  onTab: (tab: string) => void;
  onOwn: (platform: string) => void;
  onInherit: (platform: string) => void;
}) {
  const shown = platforms.find(({ id }) => id === tab);
  const others = platforms.filter(({ id }) => !draft.own[id]);
  return (
    <div className="variants">
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is a form's, this switches a view. */}
      <div className="preview-tabs" role="group" aria-label="Words for">
        <button type="button" aria-pressed={tab === ALL} onClick={() => onTab(ALL)}>
          All
        </button>
        {platforms.map(({ id, name }) => (
          <button key={id} type="button" aria-pressed={tab === id} onClick={() => onTab(id)}>
            <PlatformIcon platform={id} size={14} decorative />
            {name}
            {draft.own[id] && <i className="own-dot" role="img" aria-label="has its own words" />}
          </button>
        ))}
      </div>
      <p className="sub variants-says" role="status">
        {shown && draft.own[shown.id] && (
          <>
            <span>{shown.name} has its own words.</span>
            {!readOnly && (
              <Button size="small" look="quiet" onClick={() => onInherit(shown.id)}>
                Take those of All again
              </Button>
            )}
          </>
        )}
        {shown && !draft.own[shown.id] && alone && (
          <span>Only {shown.name} takes the words of All: what you write here is theirs.</span>
        )}
        {shown && !draft.own[shown.id] && !alone && (
          <>
            <span>Inherits from All.</span>
            {!readOnly && (
              <Button size="small" look="quiet" onClick={() => onOwn(shown.id)}>
                Write its own
              </Button>
            )}
          </>
        )}
        {!shown && others.length === platforms.length && <span>The same words everywhere.</span>}
        {!shown && others.length < platforms.length && (
          <span>
            {others.length > 0
              ? `For ${others.map(({ name }) => name).join(', ')}.`
              : 'Every platform has its own words; these are for those you add later.'}
          </span>
        )}
      </p>
    </div>
  );
}
