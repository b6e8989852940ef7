import type { Answer, Bench } from '#src/doors/cli/lab/verb.ts';
import { bgBb } from './opportunities.ts';
import { bgNbd, gammaGamma } from './purchases.ts';
import { sbg } from './survivors.ts';

export const models = ['sbg', 'bgnbd', 'gamma-gamma', 'bgbb'] as const;

export const fitting: { [model in (typeof models)[number]]: (bench: Bench) => Answer } = {
  sbg,
  bgnbd: bgNbd,
  'gamma-gamma': gammaGamma,
  bgbb: bgBb,
};
