import { z } from 'zod';
import { agents } from '#src/measure/traffic/agents.ts';
import { breakdown } from '#src/measure/traffic/breakdown.ts';
import { events } from '#src/measure/traffic/events.ts';
import { live } from '#src/measure/traffic/live.ts';
import { series } from '#src/measure/traffic/series.ts';
import {
  agentsAsked,
  agentsShown,
  breakdownAsked,
  breakdownShown,
  eventsAsked,
  eventsShown,
  liveShown,
  question,
  seriesAsked,
  seriesShown,
  totalsShown,
  weekAsked,
  weekShown,
} from '#src/measure/traffic/shapes.ts';
import { totals } from '#src/measure/traffic/totals.ts';
import { week } from '#src/measure/traffic/week.ts';
import { id, operation } from '#src/operation.ts';

export const analyticsOperations = {
  totals: operation({
    summary: 'Show visitors, visits, views, bounce rate, signups and revenue of an app, beside the time before.',
    route: 'GET /analytics/totals',
    access: 'read',
    input: question,
    output: totalsShown,
    run: totals,
  }),
  series: operation({
    summary:
      'Show measures of an app over time by hour, day, week or month, with the time before under the same points.',
    route: 'GET /analytics/series',
    access: 'read',
    input: seriesAsked,
    output: seriesShown,
    run: series,
  }),
  breakdown: operation({
    summary: 'Show the visits of an app by page, source, channel, campaign, country, device, event or post.',
    route: 'GET /analytics/breakdown',
    access: 'read',
    input: breakdownAsked,
    output: breakdownShown,
    run: breakdown,
  }),
  live: operation({
    summary: 'Show who is on the site now: visitors of the last 5 and 30 minutes, their pages, sources, newest events.',
    route: 'GET /analytics/live',
    access: 'read',
    input: z.strictObject({ appId: id }),
    output: liveShown,
    run: live,
  }),
  events: operation({
    summary: 'Show the custom events of an app and how often they happened; of one event its properties and values.',
    route: 'GET /analytics/events',
    access: 'read',
    input: eventsAsked,
    output: eventsShown,
    run: events,
  }),
  agents: operation({
    summary: 'Show bots, link previews and visits nobody can place, by name and day.',
    route: 'GET /analytics/agents',
    access: 'read',
    input: agentsAsked,
    output: agentsShown,
    run: agents,
  }),
  week: operation({
    summary: 'Show when people come: by weekday and hour in the workspace’s time zone.',
    route: 'GET /analytics/week',
    access: 'read',
    input: weekAsked,
    output: weekShown,
    run: week,
  }),
};
