import { cohortsAsked, cohortsShown, showCohorts } from '#src/measure/cohorts/show.ts';
import { operation } from '#src/operation.ts';

export const cohortOperations = {
  show: operation({
    summary: 'Show who of those that began together came back, or still pays, week by week or month by month.',
    route: 'GET /cohorts',
    access: 'read',
    input: cohortsAsked,
    output: cohortsShown,
    run: showCohorts,
  }),
};
