import { z } from 'zod';
import { changeOf } from '#src/measure/dashboards/kpis.ts';

const units = ['count', 'money', 'rate', 'seconds'] as const;

export const figure = z.object({
  key: z.string(),
  label: z.string(),
  unit: z.enum(units),
  /** Money in minor units of `currency`; a rate is 0 to 1. Null: `missing` says what there is not enough of. */
  value: z.number().nullable(),
  before: z.number().nullable(),
  change: z.number().nullable(),
  currency: z.string().nullable(),
  missing: z.string().nullable(),
  /** Where it is shown at length. */
  page: z.string(),
});
export type OverviewFigure = z.output<typeof figure>;

export type Described = Pick<OverviewFigure, 'key' | 'label' | 'page'> &
  Partial<Pick<OverviewFigure, 'unit' | 'currency'>>;

/** A figure beside the one before; `missing` says in words why there is none. */
export function showFigure(
  described: Described,
  value: number | null,
  before: number | null,
  missing: string | null = null,
): OverviewFigure {
  const change = value === null || before === null ? null : changeOf(value, before);
  return {
    unit: 'count',
    currency: null,
    ...described,
    value,
    before,
    change,
    missing: value === null ? (missing ?? 'Not counted yet.') : null,
  };
}
