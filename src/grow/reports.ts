export { reportOperations } from './reports/operations.ts';
export { restateReports } from './reports/restate.ts';
export { REPORTING, runReports } from './reports/send.ts';
