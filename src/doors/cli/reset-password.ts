import { Command } from 'commander';
import { z } from 'zod';
import { WrongInput } from '#src/doors/cli/fields.ts';
import type { Server } from '#src/doors/cli/server.ts';
import { offered } from '#src/doors/operations.ts';

const made = z.object({ link: z.string() });

/** `fanfare reset-password ADDRESS`: for who forgot the password, where no mail server is set or it does not work. */
export function resetPasswordCommand(
  find: (globals: Record<string, unknown>) => Promise<Server>,
  terminal: { out(text: string): void; err(text: string): void },
  refused: (status: number) => void,
): Command {
  const operation = offered().find((one) => one.name === 'setup.resetLink')!;
  return new Command('reset-password')
    .description('Print a one-time link to a new password, good for an hour. On the server’s own machine only.')
    .usage('ADDRESS [options]')
    .argument('[address]', 'the e-mail address of the account')
    .option('--without-second-factor', 'also switch the second factor off, when app and recovery codes are lost')
    .option('--url <url>', 'where Fanfare is (FANFARE_URL)')
    .action(async (address: string | undefined, options: { withoutSecondFactor?: boolean; url?: string }) => {
      if (!address) throw new WrongInput('Say whose: fanfare reset-password maya@example.com');
      const server = await find(options.url ? { url: options.url } : {});
      const outcome = await server.call(operation, {
        email: address,
        withoutSecondFactor: options.withoutSecondFactor ?? false,
      });
      if (!outcome.ok) {
        terminal.err(`${outcome.message}\n`);
        return refused(outcome.status);
      }
      terminal.out(`Open this within an hour; it is good once:\n\n  ${made.parse(outcome.value).link}\n`);
    });
}
