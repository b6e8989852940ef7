/** Funnels of three steps, beside a sequential scan of the events of the same months. */
import type { Question } from './dashboards.ts';
import { openHouse } from './house.ts';
import { fillTraffic } from './traffic.ts';

const SCAN = `select count(*) from events e where e.workspace_id = $1 and e.app_id = $2 and e.occurred_at >= $3 and e.path is not null`;
const STEPS = [
  { kind: 'page' as const, path: '/page-0' },
  { kind: 'event' as const, event: 'pricing_opened' },
  { kind: 'conversion' as const, conversion: 'signup' as const },
];
const asked = { steps: STEPS, windowMinutes: 7 * 1440 };

export const funnels: Question[] = [
  {
    name: 'funnel by person',
    ask: ({ call, appId }, range) => call.funnels.preview({ appId, range, ...asked }),
    raw: SCAN,
  },
  {
    name: 'funnel by visitor, sources',
    ask: ({ call, appId }, range) =>
      call.funnels.preview({
        appId,
        range,
        ...asked,
        steps: [STEPS[0]!, { kind: 'page', path: '/page-1' }, STEPS[1]!],
        by: 'visitor',
        breakdown: 'source',
      }),
    raw: SCAN,
  },
  {
    name: 'funnel: where instead',
    ask: ({ call, appId }, range) => call.funnels.instead({ appId, range, ...asked }),
    raw: SCAN,
  },
];

if (process.argv[1] === import.meta.filename) {
  const events = Number(process.argv[2] ?? 1e6);
  const house = await openHouse();
  try {
    const { workspaceId } = house.context;
    await fillTraffic(
      house.owner,
      { workspaceId, appIds: [house.appId], timeZone: 'UTC' },
      { events, until: new Date() },
    );
    for (const question of funnels)
      for (let time = 0; time < 3; time += 1) {
        const begun = performance.now();
        await question.ask(house, '90d');
        console.log(`${question.name} ${Math.round(performance.now() - begun)} ms`);
      }
  } finally {
    await house.close();
  }
}
