export { exportBehind, keepUpload } from './transfers/files.ts';
export { transferOperations } from './transfers/operations.ts';
export { continueTransfers, runTransfer } from './transfers/run.ts';
