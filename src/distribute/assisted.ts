/**
 * Posts a person sends by hand at no cost (D3): told of at their moment, with a page filled in as far as the service lets
 * us and a tracked link; then found, or their address pasted, and measured like any other where an account is connected.
 */
export { lookForTasks } from './assisted/find.ts';
export { assistedOperations } from './assisted/operations.ts';
export { composePages } from './assisted/pages.ts';
export { createFromPost, createTask, followChange, type NewTask, REMIND, remindOfTasks } from './assisted/tasks.ts';
