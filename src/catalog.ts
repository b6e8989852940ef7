import { auditOperations } from '#src/people/audit.ts';
import { keyOperations } from '#src/people/keys.ts';
import { noticeOperations } from '#src/people/notices.ts';
import { setupOperations } from '#src/people/setup.ts';
import { aiOperations, workspaceOperations } from '#src/people/workspaces.ts';
import { postOperations } from '#src/plan/posts/operations.ts';
import { flowOperations } from '#src/reactions.ts';
import { appOperations } from '#src/understand/apps.ts';

/**
 * THE DOORPLATE: everything the product can do, by stage. An operation's name is its place here (`posts.schedule`);
 * the typed web client, the HTTP API, the CLI and the MCP server are cut from this list.
 */
export const catalog = {
  // people
  setup: setupOperations,
  workspaces: workspaceOperations,
  keys: keyOperations,
  notices: noticeOperations,
  ai: aiOperations,
  audit: auditOperations,
  flow: flowOperations,
  // understand
  apps: appOperations,
  // plan
  posts: postOperations,
};
