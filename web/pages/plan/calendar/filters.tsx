import { Eye } from 'lucide-react';
import { called } from '#web/format.ts';
import { CampaignDot } from '#web/parts/campaign-dot.tsx';
import { PlatformIcon } from '#web/parts/platform-icon.tsx';
import type { CalendarFilter } from './cards.ts';

/** Which accounts and campaigns are shown; none chosen shows all. */
export function FilterChips({
  accounts,
  campaigns,
  chosen,
  inReview,
  onAccounts,
  onCampaigns,
  onReview,
}: {
  accounts: { id: string; platform: string; handle: string }[];
  campaigns: { id: string; name: string; colour: number }[];
  chosen: CalendarFilter;
  /** How many posts wait for review in the time shown; left out where posts are not reviewed and none does. */
  inReview: number | undefined;
  onAccounts: (ids: string[]) => void;
  onCampaigns: (ids: string[]) => void;
  onReview: (only: boolean) => void;
}) {
  const toggled = (ids: string[], id: string) => (ids.includes(id) ? ids.filter((each) => each !== id) : [...ids, id]);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is a form's, this filters a view.
    <div className="cal-chips" role="group" aria-label="Show only">
      {accounts.map(({ id, platform, handle }) => (
        <button
          key={id}
          type="button"
          className="chip"
          aria-pressed={chosen.accounts.includes(id)}
          onClick={() => onAccounts(toggled(chosen.accounts, id))}
        >
          <PlatformIcon platform={platform} size={12} />
          {called(handle)}
        </button>
      ))}
      {accounts.length > 0 && campaigns.length > 0 && <i aria-hidden="true" />}
      {campaigns.map(({ id, name, colour }) => (
        <button
          key={id}
          type="button"
          className="chip"
          aria-pressed={chosen.campaigns.includes(id)}
          onClick={() => onCampaigns(toggled(chosen.campaigns, id))}
        >
          <CampaignDot colour={colour - 1} name={name} />
        </button>
      ))}
      {inReview !== undefined && (
        <>
          {accounts.length + campaigns.length > 0 && <i aria-hidden="true" />}
          <button type="button" className="chip" aria-pressed={chosen.review} onClick={() => onReview(!chosen.review)}>
            <Eye size={13} aria-hidden="true" />
            In review <span className="num">{inReview}</span>
          </button>
        </>
      )}
    </div>
  );
}
