import { Menu, Popover, TextInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Check, ChevronDown, Link2 } from 'lucide-react';
import type { api } from '#web/api.ts';
import { called } from '#web/format.ts';
import { CampaignDot } from '#web/parts/campaign-dot.tsx';
import { PlatformIcon } from '#web/parts/platform-icon.tsx';

export type Account = Awaited<ReturnType<typeof api.accounts.list>>['accounts'][number];

/** Where a post goes and what it belongs to: accounts, where its link leads, its campaign. */
export function Targets({
  accounts,
  chosen,
  campaigns,
  campaignId,
  linkUrl,
  readOnly,
  onAccounts,
  onCampaign,
  onLink,
}: {
  accounts: Account[];
  chosen: string[];
  campaigns: { id: string; name: string; colour: number }[];
  campaignId: string | null;
  linkUrl: string | null;
  readOnly: boolean;
  onAccounts: (ids: string[]) => void;
  onCampaign: (id: string | null) => void;
  onLink: (url: string | null) => void;
}) {
  const campaign = campaigns.find((each) => each.id === campaignId);
  const toggle = (id: string) =>
    onAccounts(chosen.includes(id) ? chosen.filter((each) => each !== id) : [...chosen, id]);
  return (
    <div className="targets">
      {accounts.map((account) => (
        <button
          key={account.id}
          type="button"
          className="chip"
          disabled={readOnly}
          aria-pressed={chosen.includes(account.id)}
          title={account.statusReason ?? `${account.platformName}, ${account.name}`}
          onClick={() => toggle(account.id)}
        >
          <PlatformIcon platform={account.platform} size={12} />
          <span className="clip">{called(account.handle)}</span>
        </button>
      ))}
      {accounts.length === 0 && (
        <Link to="/settings/$section" params={{ section: 'accounts' }} className="chip">
          Connect an account
        </Link>
      )}
      <span className="targets-end">
        <Popover position="bottom-end" width={300} shadow="none" trapFocus>
          <Popover.Target>
            <button type="button" className="chip" disabled={readOnly}>
              <Link2 size={13} aria-hidden="true" />
              <span className="clip">{linkUrl ? hostOf(linkUrl) : 'No link'}</span>
              <ChevronDown size={13} aria-hidden="true" />
            </button>
          </Popover.Target>
          <Popover.Dropdown p={14}>
            <TextInput
              label="Where {{link}} leads"
              description="Each account gets a tracked link to this page."
              placeholder="https://"
              defaultValue={linkUrl ?? ''}
              onBlur={(event) => {
                const url = event.currentTarget.value.trim();
                if (url === '' || URL.canParse(url)) onLink(url || null);
              }}
            />
          </Popover.Dropdown>
        </Popover>
        <Menu position="bottom-end" width={232}>
          <Menu.Target>
            <button type="button" className="chip" disabled={readOnly}>
              {campaign ? <CampaignDot colour={campaign.colour - 1} name={campaign.name} /> : 'No campaign'}
              <ChevronDown size={13} aria-hidden="true" />
            </button>
          </Menu.Target>
          <Menu.Dropdown>
            {campaigns.map((each) => (
              <Menu.Item key={each.id} rightSection={tick(each.id === campaignId)} onClick={() => onCampaign(each.id)}>
                <CampaignDot colour={each.colour - 1} name={each.name} />
              </Menu.Item>
            ))}
            <Menu.Item rightSection={tick(campaignId === null)} onClick={() => onCampaign(null)}>
              No campaign
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </span>
    </div>
  );
}

function tick(on: boolean) {
  return on ? <Check size={14} role="img" aria-label="chosen" /> : null;
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}
