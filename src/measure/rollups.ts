export {
  addChanges,
  addWith,
  type Change,
  changesOf,
  countSignup,
  insertChanges,
  isPerson,
  type VisitCount,
} from './rollups/changes.ts';
