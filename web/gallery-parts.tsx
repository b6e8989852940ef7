import { PasswordInput, TextInput } from '@mantine/core';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { Button, IconButton } from './parts/button.tsx';
import { CampaignDot } from './parts/campaign-dot.tsx';
import { Card } from './parts/card.tsx';
import { ConfirmDialog } from './parts/confirm-dialog.tsx';
import { CopyField } from './parts/copy-field.tsx';
import { EmptyState } from './parts/empty-state.tsx';
import { ErrorNotice, Notice } from './parts/error-notice.tsx';
import { EvidenceQuote } from './parts/evidence-quote.tsx';
import { ImpactBars } from './parts/impact-bars.tsx';
import { Page } from './parts/page.tsx';
import { PlatformIcon, platformName } from './parts/platform-icon.tsx';
import { PriceTag } from './parts/price-tag.tsx';
import { RingCounter } from './parts/ring-counter.tsx';
import { SkeletonCard } from './parts/skeleton.tsx';
import { Spark } from './parts/spark.tsx';
import { StatusBadge } from './parts/status-badge.tsx';
import { StepProgress } from './parts/step-progress.tsx';
import { XPreview } from './parts/x-preview.tsx';

const thread = [
  {
    id: 'a',
    text: 'I shipped v2 today.\n\n9 months. 1 person. 214 paying customers.\n\nHere is everything that worked, everything that didn’t, and the numbers behind both 🧵',
  },
  {
    id: 'b',
    text: 'The biggest lesson: I spent 4 months on features nobody asked for.\n\nThe thing that moved {{mrr}} MRR was a boring CSV export. One customer mentioned it on a call with @samuel_k and I almost ignored it.',
  },
  { id: 'c', text: 'Free for your first 3 channels: https://outpost.dev/launch/from-x-thread #buildinpublic' },
];
const statuses = [
  'draft',
  'review',
  'approved',
  'scheduled',
  'published',
  'failed',
  'unknown',
  'assisted',
  'paused',
  'connected',
  'reconnect',
  'in_progress',
];
const platforms = ['x', 'bluesky', 'mastodon', 'linkedin', 'sandbox', 'email', 'rss', 'reddit', 'telegram'];

/** The other parts, each in its states. */
export function GalleryParts() {
  const [asking, setAsking] = useState(false);
  return (
    <Page title="Let’s get your first numbers" intro="About 6 minutes. You can stop after any step.">
      <div className="row" data-split="2-1">
        <Card title="Visitors">
          <EmptyState
            title="No visits recorded yet"
            action={<Button look="primary">Check again</Button>}
            waiting="Waiting for the first visit"
          >
            Add one line to your site. Numbers show up here within a few seconds of the first visit.
          </EmptyState>
        </Card>
        <StepProgress
          title="Reading your app"
          live
          steps={[
            { id: '1', title: 'Fetch the page', note: '212 KB from outpost.example', state: 'done' },
            { id: '2', title: 'Fetch pricing and features', note: '3 pages', state: 'done' },
            {
              id: '3',
              title: 'Read the repository',
              note: 'Not public, left out',
              state: 'failed',
              action: <Button size="small">Try again</Button>,
            },
            { id: '4', title: 'Find what it is for', note: '14 facts so far', state: 'now' },
            { id: '5', title: 'Propose a strategy', state: 'waiting' },
          ]}
        />
      </div>
      <div className="row" data-split="1-1">
        <Card title="Evidence" sub="2 facts" padded>
          <div className="stack">
            <EvidenceQuote
              quote="Import your queue from Buffer in two minutes, free."
              page={{ title: 'Pricing', url: 'https://outpost.example/pricing' }}
              confidence={0.86}
            />
            <EvidenceQuote
              quote="Built for people who ship alone."
              page={{ title: 'Home', url: 'https://outpost.example' }}
              confidence={0.4}
            />
            <EvidenceQuote
              quote="No cookies, no banner."
              page={{ title: 'Features', url: 'https://outpost.example/features' }}
              confirmed
            />
          </div>
        </Card>
        <Card title="Words about state" padded>
          <div className="stack">
            <ErrorNotice
              title="The post did not go out"
              error={new Error('X refused it: the same text was posted 3 minutes ago. Change a word and try again.')}
              onRetry={() => undefined}
            />
            <Notice title="X wants you to connect again" tone="warn" action={<Button size="small">Reconnect</Button>}>
              The access you gave expires tomorrow. The queue stays as it is.
            </Notice>
            <CopyField
              label="tracker script"
              value={'<script defer src="https://fanfare.example/t.js" data-app="pk_4f9a"></script>'}
            />
          </div>
        </Card>
      </div>
      <div className="row" data-split="1-1">
        <Card title="Preview" padded>
          <XPreview author={{ name: 'Maya Lind', handle: 'mayabuilds', verified: true }} when="24 Nov" parts={thread} />
        </Card>
        <div className="stack">
          <Card title="Small parts" padded>
            <div className="stack">
              <div className="line">
                {statuses.map((status) => (
                  <StatusBadge key={status} status={status} />
                ))}
              </div>
              <div className="line">
                {platforms.map((platform) => (
                  <span key={platform} style={{ display: 'inline-flex', gap: 6, alignItems: 'center' }}>
                    <PlatformIcon platform={platform} size={18} decorative /> {platformName(platform)}
                  </span>
                ))}
              </div>
              <div className="line">
                <RingCounter used={120} limit={280} /> <RingCounter used={268} limit={280} />{' '}
                <RingCounter used={326} limit={280} />
                <Spark values={[3, 5, 4, 8, 6, 9, 7, 12, 8, 14]} /> <ImpactBars level={1} /> <ImpactBars level={3} />
                <PriceTag minor="1.5" currency="USD" note="X API, 1 post" />
                <PriceTag minor="60" currency="USD" note="3 posts with a link" overBudget />
              </div>
              <div className="line">
                <Button look="primary">Schedule</Button>
                <Button>Today</Button>
                <Button look="quiet">Cancel</Button>
                <Button look="danger" onClick={() => setAsking(true)}>
                  Delete
                </Button>
                <Button look="primary" busy>
                  Saving
                </Button>
                <Button size="small">Do it</Button>
                <IconButton label="Add">
                  <Plus size={16} />
                </IconButton>
              </div>
              <div className="line">
                <button type="button" className="chip" aria-pressed="true">
                  <PlatformIcon platform="x" size={12} decorative /> @mayabuilds
                </button>
                <button type="button" className="chip" aria-pressed="false">
                  <PlatformIcon platform="bluesky" size={12} decorative /> maya.dev
                </button>
                <button type="button" className="chip" aria-pressed="false">
                  <CampaignDot colour={3} name="Switch from Buffer" />
                </button>
              </div>
              <TextInput
                label="App address"
                placeholder="outpost.example"
                description="Only the address, Fanfare reads the rest."
              />
              <PasswordInput
                label="API key"
                error="The key was refused by the model server."
                visibilityToggleButtonProps={{ 'aria-label': 'Show key' }}
              />
            </div>
          </Card>
          <SkeletonCard height={140} />
        </div>
      </div>
      <ConfirmDialog
        opened={asking}
        title="Delete this draft?"
        confirm="Delete draft"
        danger
        onConfirm={() => setAsking(false)}
        onClose={() => setAsking(false)}
      >
        The text and its two images are gone after this.
      </ConfirmDialog>
    </Page>
  );
}
