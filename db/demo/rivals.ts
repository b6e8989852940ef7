import { openPretendWeb } from '#src/outside/web/pretend.ts';
import { readCompetitor } from '#src/understand/competitors.ts';
import type { Story } from './story.ts';

/** Two others of the trade, which the app's own pages name. `.example` is reserved: nobody can ever be behind them. */
const HEADWATER = 'https://headwater.example/';
const NOTICEBOARD = 'https://noticeboard.example/';

/** In days before the end: when she begins to watch, and when they change something. */
const WATCH = 60;
const DEARER = 34;
const RELEASE = 20;
const HEADLINE = 6;
/** Days on which they are read: a change is told with the second reading. */
const READINGS = [WATCH, DEARER, DEARER - 1, RELEASE, RELEASE - 1, HEADLINE, HEADLINE - 1, 1];

/** Their pages as they were so many days before the end. */
export function rivalPages(ago: number): [url: string, html: string][] {
  const team = ago <= DEARER ? '$39' : '$29';
  const releases = ago <= RELEASE ? ['Announcements in Slack', 'Scheduled notes'] : ['Scheduled notes'];
  const headline = ago <= HEADLINE ? 'Tell every customer what is new, with AI' : 'The changelog for product teams';
  return [
    [
      HEADWATER,
      page(
        'Headwater: changelogs',
        `<h1>${headline}</h1><p>Write release notes in a calm editor and share them everywhere.</p><a class="btn" href="/start">Start free trial</a>
<h2>Features</h2><ul><li>Rich editor</li><li>Custom domain</li><li>E-mail digest</li><li>Roadmap</li></ul><p>Trusted by ${(1_900 - ago).toLocaleString('en-US')} teams</p>`,
        ['pricing', 'changelog'],
      ),
    ],
    [
      `${HEADWATER}pricing`,
      page(
        'Headwater pricing',
        `<h1>Pricing</h1><p>Every plan has a 14-day free trial.</p><div>${plan('Starter', '$24/mo', ['Rich editor', 'Custom domain'])}${plan('Business', '$79/mo', ['E-mail digest', 'Roadmap', 'Segments'])}</div>`,
      ),
    ],
    [
      `${HEADWATER}changelog`,
      page(
        'Headwater changelog',
        `<h1>Changelog</h1>${releases.map((title) => `<h2>${title}</h2><p>See the guide for how to set it up.</p>`).join('')}`,
      ),
    ],
    [
      NOTICEBOARD,
      page(
        'Noticeboard: in-app announcements',
        '<h1>Announcements your users see</h1><p>A widget for news, paid by the reader.</p><a class="btn" href="/start">Get started</a><h2>Features</h2><ul><li>In-app widget</li><li>Reactions</li><li>Read counts</li></ul>',
        ['pricing'],
      ),
    ],
    [
      `${NOTICEBOARD}pricing`,
      page(
        'Noticeboard pricing',
        `<h1>Pricing</h1><div>${plan('Free', '$0', ['100 readers', 'In-app widget'])}${plan('Team', `${team}/mo`, ['5,000 readers', 'Reactions', 'Segments'])}${plan('Enterprise', 'Contact us', ['Single sign-on'])}</div>`,
      ),
    ],
  ];
}

function page(title: string, body: string, links: string[] = []): string {
  const menu = links.map((link) => `<a href="/${link}">${link}</a>`).join(' ');
  return `<!doctype html><html lang="en"><head><title>${title}</title><meta name="description" content="${title}"></head><body><nav>${menu}</nav><main>${body}</main></body></html>`;
}

function plan(name: string, price: string, features: string[]): string {
  return `<div class="plan"><h3>${name}</h3><p>${price}</p><ul>${features.map((one) => `<li>${one}</li>`).join('')}</ul></div>`;
}

/** She watches both from one day on; their pages are read as they were. */
export async function watchRivals(story: Story, appId: string, ago: number): Promise<void> {
  const due = READINGS.filter((day) => Math.min(day, story.days) === ago);
  if (due.length === 0) return;
  const { competitors } = await story.call.competitors.list({ appId });
  for (const day of due) {
    for (const [name, url] of [
      ['Headwater', HEADWATER],
      ['Noticeboard', NOTICEBOARD],
    ] as const) {
      const known = competitors.find((one) => one.name === name);
      let id = known?.id;
      if (day === WATCH) {
        if (id) await story.call.competitors.update({ competitorId: id, url });
        else id = (await story.call.competitors.add({ appId, name, url })).id;
        if (!known && id) competitors.push({ ...(competitors[0] as (typeof competitors)[number]), id, name });
      }
      const web = openPretendWeb(new Map(rivalPages(day)), () => story.context.clock.now());
      if (id) await readCompetitor({ ...story.context, web }, id);
    }
  }
}
