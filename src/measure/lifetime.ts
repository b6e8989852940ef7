/**
 * How long customers stay, how often they buy and what they spend: the published models, fitted by maximum likelihood.
 * One file of `./lifetime/` each; from outside, import from here. All pure.
 */
export type { Fitted } from './lifetime/fitted.ts';
export {
  type BgBb,
  bgBbAlive,
  bgBbExpected,
  bgBbFuture,
  bgBbLogLikelihood,
  fitBgBb,
  mustBeOpportunities,
  type Opportunities,
} from './lifetime/opportunities.ts';
export {
  type BgNbd,
  bgNbdAlive,
  bgNbdExpected,
  bgNbdFuture,
  bgNbdLogLikelihood,
  type CustomerSummary,
  fitBgNbd,
  mustBeSummary,
  type Purchase,
  type Summary,
  summarise,
} from './lifetime/purchases.ts';
export {
  customerValue,
  fitGammaGamma,
  type GammaGamma,
  gammaGammaLogLikelihood,
  gammaGammaMean,
  mustBeSpend,
  type Spend,
} from './lifetime/spend.ts';
export {
  fitSbg,
  type LifetimePeriods,
  lifetimePeriods,
  type Sbg,
  sbgInterval,
  sbgLogLikelihood,
  sbgPeriods,
  sbgResidual,
  sbgRetention,
  sbgSurvival,
  type Tenures,
  tenures,
  tenuresOf,
} from './lifetime/subscriptions.ts';
