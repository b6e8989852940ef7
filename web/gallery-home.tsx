import { ImagePlus, MessageCircleReply, Plus, Repeat2, Timer } from 'lucide-react';
import { useState } from 'react';
import { compact, count, day, money } from './format.ts';
import { Button } from './parts/button.tsx';
import { CampaignDot } from './parts/campaign-dot.tsx';
import { Card } from './parts/card.tsx';
import { DataTable } from './parts/data-table.tsx';
import { Funnel } from './parts/funnel.tsx';
import { ImpactBars } from './parts/impact-bars.tsx';
import { KpiStrip } from './parts/kpi-strip.tsx';
import { Page } from './parts/page.tsx';
import { PlatformIcon } from './parts/platform-icon.tsx';
import { Segmented } from './parts/segmented.tsx';
import { StatusBadge } from './parts/status-badge.tsx';
import { TrendChart } from './parts/trend-chart.tsx';

export const visitors = [
  118, 140, 148, 138, 121, 113, 121, 142, 161, 168, 320, 235, 136, 212, 163, 184, 190, 420, 290, 158, 464, 352, 263,
  211, 332, 265, 179, 406, 345, 227,
];
export const visitorsBefore = [
  120, 125, 115, 97, 85, 156, 170, 120, 135, 138, 127, 110, 98, 101, 118, 206, 220, 150, 138, 122, 112, 118, 132, 152,
  166, 163, 150, 134, 126, 131,
];
export const days = visitors.map((_, index) => new Date(Date.UTC(2026, 9, 24 + index)).toISOString().slice(0, 10));
export const markers = [10, 17, 20, 24, 27].map((index) => ({
  day: days[index]!,
  text: 'Month 9 numbers: MRR, churn, and what broke',
}));

const posts = [
  {
    id: '1',
    text: 'Month 9 numbers: MRR, churn, and what broke',
    on: ['x', 'linkedin', 'bluesky'],
    date: days[20]!,
    camp: 'Build in public',
    colour: 1,
    seen: 48213,
    visits: 634,
    signups: 19,
    money: 34800,
  },
  {
    id: '2',
    text: 'The “boring” SEO page that brings 31% of our signups',
    on: ['x', 'linkedin'],
    date: days[17]!,
    camp: 'SEO guide',
    colour: 2,
    seen: 31900,
    visits: 521,
    signups: 22,
    money: 29000,
  },
  {
    id: '3',
    text: 'I read 400 launch threads so you don’t have to. Here is what the best ten did',
    on: ['x', 'linkedin'],
    date: days[10]!,
    camp: 'Build in public',
    colour: 1,
    seen: 22400,
    visits: 412,
    signups: 9,
    money: 8700,
  },
  {
    id: '4',
    text: 'Guide: tracking signups from X without cookies',
    on: ['x', 'mastodon'],
    date: days[27]!,
    camp: 'SEO guide',
    colour: 2,
    seen: 27100,
    visits: 388,
    signups: 14,
    money: 20300,
  },
  {
    id: '5',
    text: 'A tiny UX fix that cut our onboarding drop-off in half',
    on: ['x'],
    date: days[24]!,
    camp: 'v2 launch',
    colour: 0,
    seen: 14800,
    visits: 301,
    signups: 6,
    money: 5800,
  },
];

const next = [
  ['Today', '18:00', 'Sunday teardown: three landing pages that got the hero right', ['x'], ''],
  [
    'Tuesday, launch day',
    '09:00',
    'I shipped v2 today. 9 months, 1 person, 214 customers. The full story:',
    ['x', 'linkedin', 'bluesky'],
    '',
  ],
  ['', '17:00', 'v2 demo, 40 seconds, no voice-over', ['x'], ''],
  ['Wednesday', '12:15', 'Thank-you note + what the first 24h looked like', ['x', 'bluesky'], 'review'],
] as const;

const ideas = [
  [
    Repeat2,
    'Repost “Month 9 numbers” with the updated chart',
    'It brought 634 visits and most of your 1,900 new followers never saw it.',
    3,
    '5 min',
  ],
  [
    MessageCircleReply,
    'Answer 6 questions under your SEO thread',
    'Replies within 48 hours doubled your reach on the last three threads.',
    2,
    '15 min',
  ],
  [
    ImagePlus,
    'Add alt text to 3 images before launch',
    'Two are in the launch thread. Posts with alt text also read better in search.',
    1,
    '4 min',
  ],
  [
    Timer,
    'Move Thursday’s post from 14:00 to 09:00',
    'Your 09:00 posts get 2.1 times the visits of afternoon posts.',
    2,
    '1 min',
  ],
] as const;

/** The home page as it should look. */
export function GalleryHome() {
  const [range, setRange] = useState('30');
  const [chosen, setChosen] = useState('visitors');
  return (
    <Page
      title="Good morning, Maya"
      intro="One post goes out today. v2 launches in 2 days."
      actions={
        <>
          <Segmented
            label="Range"
            value={range}
            onChange={setRange}
            options={[
              { value: '7', label: '7 days' },
              { value: '30', label: '30 days' },
              { value: '90', label: '90 days' },
              { value: '365', label: '12 months' },
            ]}
          />
          <span className="hide-on-phone">
            <Button look="primary" hint="C">
              <Plus size={15} /> New post
            </Button>
          </span>
        </>
      }
    >
      <div className="card">
        <KpiStrip
          chosen={chosen}
          onChoose={setChosen}
          items={[
            { id: 'visitors', label: 'Visitors', value: count(7318), change: 0.182 },
            { id: 'signups', label: 'Signups', value: '86', change: 0.246 },
            { id: 'mrr', label: 'New MRR', value: money(124000, 'USD', { whole: true }), change: 0.091 },
            { id: 'impressions', label: 'Impressions', value: compact(214000), change: 0.314 },
            { id: 'followers', label: 'Followers', value: count(4812), change: -0.004 },
          ]}
        />
        <TrendChart
          label="Visitors"
          days={days}
          current={visitors}
          previous={visitorsBefore}
          previousLabel="Previous 30 days"
          markers={markers}
        />
      </div>
      <div className="row" data-split="2-1">
        <Card title="Posts that brought people" action="All posts">
          <DataTable
            caption="Posts that brought people"
            height="two"
            rows={posts}
            rowKey={(post) => post.id}
            columns={[
              {
                key: 'post',
                head: 'Post',
                cell: (post) => (
                  <>
                    <div className="clip" style={{ fontWeight: 500 }}>
                      {post.text}
                    </div>
                    <div className="cell-meta">
                      {post.on.map((platform) => (
                        <PlatformIcon key={platform} platform={platform} size={12} />
                      ))}
                      <span>{day(post.date)}</span>
                      <span className="hide-on-phone">
                        <CampaignDot colour={post.colour} name={post.camp} />
                      </span>
                    </div>
                  </>
                ),
              },
              {
                key: 'seen',
                head: 'Impressions',
                align: 'right',
                width: '94px',
                hideOnPhone: true,
                cell: (post) => <span style={{ color: 'var(--ink-2)' }}>{compact(post.seen)}</span>,
              },
              { key: 'visits', head: 'Visits', align: 'right', width: '78px', cell: (post) => count(post.visits) },
              {
                key: 'signups',
                head: 'Signups',
                align: 'right',
                width: '84px',
                cell: (post) => <strong style={{ fontWeight: 600 }}>{post.signups}</strong>,
              },
              {
                key: 'money',
                head: 'Revenue',
                align: 'right',
                width: '90px',
                hideOnPhone: true,
                cell: (post) => money(post.money, 'USD', { whole: true }),
              },
            ]}
          />
        </Card>
        <Card title="Going out next" action="Calendar">
          <div className="list">
            {next.map(([head, time, text, on, status]) => (
              <div key={text}>
                {head && <h3 className="list-day">{head}</h3>}
                <div className="list-item">
                  <time className="num">{time}</time>
                  <div>
                    <p className="two-lines">{text}</p>
                    <div className="cell-meta">
                      {on.map((platform) => (
                        <PlatformIcon key={platform} platform={platform} size={12} />
                      ))}
                      {status && <StatusBadge status={status} />}
                    </div>
                  </div>
                </div>
              </div>
            ))}
          </div>
        </Card>
      </div>
      <div className="row" data-split="5-7">
        <Card title="From post to paid" sub="30 days">
          <Funnel
            steps={[
              { label: 'Saw a post', value: 214000 },
              { label: 'Visited', value: 7318, became: 'clicked through' },
              { label: 'Signed up', value: 86, became: 'of visitors' },
              { label: 'Paid', value: 14, became: 'of signups' },
            ]}
          />
        </Card>
        <Card title="Worth doing this week" action="All 7">
          <ul className="list">
            {ideas.map(([Icon, title, why, level, effort]) => (
              <li className="idea" key={title}>
                <span className="idea-icon">
                  <Icon size={15} strokeWidth={1.75} aria-hidden="true" />
                </span>
                <div className="idea-text">
                  <strong>{title}</strong>
                  <span className="sub">{why}</span>
                </div>
                <span className="idea-meta num">
                  <ImpactBars level={level} /> {effort}
                </span>
                <Button size="small">Do it</Button>
              </li>
            ))}
          </ul>
        </Card>
      </div>
    </Page>
  );
}
