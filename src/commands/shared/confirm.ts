import { ChannelctlError, usageError } from '../../shared/errors.ts';
import type { Deps } from './command-context.ts';

/**
 * Waits until the person has agreed to what can't be undone, or `--yes` did it for them.
 *
 * @throws ChannelctlError `usage` where nobody can be asked, `cancelled` where the answer is no
 */
export async function confirm(deps: Deps, question: string): Promise<void> {
  if (deps.assumeYes) return;
  if (!deps.terminal.interactive) {
    throw usageError(
      'This has to be confirmed.',
      `Without a terminal there is nobody to ask: ${question}`,
      'Pass --yes to confirm it.',
    );
  }
  if (await deps.terminal.confirm(question)) return;
  throw new ChannelctlError('cancelled', 'Cancelled.', {
    reason: 'The answer was no, so that nothing was done.',
    hint: 'Run the same command again to be asked anew, or pass --yes.',
  });
}
