export {
  addChanges,
  addWith,
  type Change,
  changesOf,
  countSignup,
  insertChanges,
  isPerson,
  type KeptChanges,
  Sums,
  TOTALS_TURN,
  type VisitCount,
} from './rollups/changes.ts';
export { packed } from './rollups/packing.ts';
