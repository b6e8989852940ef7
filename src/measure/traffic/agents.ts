import type { z } from 'zod';
import type { Context } from '#src/context.ts';
import { answering, scopeOf } from '#src/measure/traffic/question.ts';
import type { agentsAsked, agentsShown } from '#src/measure/traffic/shapes.ts';

const classes = ['bot', 'preview', 'unsure'] as const;

/** What came that is not surely a person, by name and day: counted apart, never thrown away. */
export function agents(context: Context, asked: z.output<typeof agentsAsked>): Promise<z.output<typeof agentsShown>> {
  return answering(context, async (inside) => {
    const { appId, timeZone, current } = await scopeOf(inside, asked);
    const rows = await inside.tx
      .selectFrom('trafficDays')
      .select(['dimension', 'day', 'value', 'visits', 'views'])
      .where('workspaceId', '=', inside.workspaceId)
      .where('appId', '=', appId)
      .where('dimension', 'in', ['agent', 'total'])
      .where('day', '>=', current.days[0] ?? '')
      .where('day', '<=', current.days.at(-1) ?? '')
      .execute();
    const own = rows.filter((row) => row.dimension === 'agent');
    const place = new Map(current.days.map((day, index) => [day, index]));
    return {
      timeZone,
      days: current.days,
      people: summed(rows.filter((row) => row.dimension === 'total')),
      classes: classes.map((agentClass) => ({
        agentClass,
        ...summed(own.filter((row) => row.value.startsWith(`${agentClass}/`))),
      })),
      agents: [...Map.groupBy(own, (row) => row.value)]
        .flatMap(([value, days]) => {
          const agentClass = classes.find((one) => value.startsWith(`${one}/`));
          if (!agentClass) return [];
          const byDay = current.days.map(() => 0);
          for (const { day, visits } of days) byDay[place.get(day) ?? 0] = visits;
          return [{ agentClass, name: value.slice(agentClass.length + 1) || null, ...summed(days), byDay }];
        })
        .sort((a, b) => b.visits - a.visits),
    };
  });
}

function summed(rows: readonly { visits: number; views: number }[]) {
  return {
    visits: rows.reduce((sum, row) => sum + row.visits, 0),
    views: rows.reduce((sum, row) => sum + row.views, 0),
  };
}
