import { serveStdio } from '@modelcontextprotocol/server/stdio';
import type { Server } from '#src/doors/cli/server.ts';
import { mcpServer } from '#src/doors/mcp.ts';

/** MCP over standard input and output; every tool is a call to the server's API. Returns when the client has gone. */
export async function serveMcp(server: Server): Promise<void> {
  const handle = serveStdio(
    () =>
      mcpServer(async (operation, input) => {
        const outcome = await server.call(operation, (input ?? {}) as Record<string, unknown>);
        if (outcome.ok) return { ok: true, value: outcome.value };
        const problems = outcome.problems.map(({ path, message }) => `\n${path}: ${message}`).join('');
        return { ok: false, message: outcome.message + problems };
      }),
    { onerror: (error) => console.error(error.message) },
  );
  await new Promise<void>((resolve) => process.stdin.once('end', resolve));
  await handle.close();
}
