/**
 * Publishing: nothing twice, nothing lost. A publication is one post on one account; its parts are sent one by one, each
 * attempt a row whose phase `sent` is committed before the call leaves (publications/send.ts). An outcome that nobody
 * told us is looked up, never blindly repeated (publications/look.ts). Claims are leases (publications/due.ts).
 */
export { type Answer, publishReply } from './publications/answers.ts';
export { settleByHand } from './publications/by-hand.ts';
export type { When } from './publications/checks.ts';
export { publicationOperations, publishingOperations, schedulingOperations } from './publications/operations.ts';
export { pause, resume } from './publications/pauses.ts';
export { addPart } from './publications/plugs.ts';
export { type Limits, publishDue, publishLoop } from './publications/publish.ts';
export { holdRestored } from './publications/restored.ts';
export {
  decide,
  reschedule,
  retry,
  type Scheduled,
  schedule,
  scheduleApproved,
  withdraw,
  withdrawAllOf,
} from './publications/schedule.ts';
