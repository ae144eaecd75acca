import { ChannelctlError, usageError } from '../../shared/errors.ts';
import type { CommandContext } from './command-context.ts';

/**
 * Waits until the person has agreed to what can't be undone, or `--yes` did it for them.
 *
 * @throws ChannelctlError `usage` where nobody can be asked, `cancelled` where the answer is no
 */
export async function confirm(context: CommandContext, question: string): Promise<void> {
  if (context.assumeYes) return;
  if (!context.terminal.interactive) {
    throw usageError(
      'This has to be confirmed.',
      `Without a terminal there is nobody to ask: ${question}`,
      'Pass --yes to confirm it.',
    );
  }
  if (await context.terminal.confirm(question)) return;
  throw new ChannelctlError('cancelled', 'Cancelled.', {
    reason: 'The answer was no, so that nothing was done.',
    hint: 'Run the same command again to be asked anew, or pass --yes.',
  });
}
