import { ChannelctlError, usageError } from '../../shared/errors.ts';
import type { CommandContext } from './command-context.ts';

/**
 * Asks before something that can't be undone, unless `--yes` was given.
 *
 * @throws ChannelctlError `usage` without a terminal, `cancelled` if the answer is no
 */
export async function confirm(context: CommandContext, question: string): Promise<void> {
  if (context.assumeYes) return;
  if (!context.terminal.interactive) {
    throw usageError('This has to be confirmed.', {
      reason: `Without a terminal there is nobody to ask: ${question}`,
      hint: 'Pass --yes to confirm it.',
    });
  }
  if (await context.terminal.confirm(question)) return;
  throw new ChannelctlError('cancelled', 'Cancelled.', {
    reason: 'The answer was no, so that nothing was done.',
    hint: 'Run the same command again to be asked anew, or pass --yes.',
  });
}
