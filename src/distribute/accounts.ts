/** Accounts one can post from, and how they are connected. */
export { beginConnection, type Connected, connectSandbox, finishConnection, isLocalPath } from './accounts/connect.ts';
export { type OpenGrant, openGrant } from './accounts/grants.ts';
export { accountOperations } from './accounts/operations.ts';
export { accountOf, needReconnect, noteSync } from './accounts/status.ts';
