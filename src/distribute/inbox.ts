/**
 * The inbox: what others wrote to our accounts, the people behind it, and our answers. Answers go out through the
 * publishing engine like every post, once.
 */
export { noteAnswer } from './inbox/answer.ts';
export { ADVOCATE, contactOperations } from './inbox/contacts.ts';
export { inboxOperations } from './inbox/operations.ts';
export { readInbox } from './inbox/read.ts';
