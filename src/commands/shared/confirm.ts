import { ChannelctlError, usageError } from '../../shared/errors.ts';
import type { CommandContext } from './command-context.ts';

export const CANNOT_PROMPT =
  'channelctl cannot prompt without a terminal, with --no-input, or in CI.';

/**
 * Asks for confirmation unless `--yes` was passed.
 *
 * @throws ChannelctlError `usage` if prompts are not possible, `cancelled` if the answer is no
 */
export async function confirm(context: CommandContext, question: string): Promise<void> {
  if (context.assumeYes) return;
  if (!context.terminal.interactive) {
    throw usageError(`Confirmation required: ${question}`, {
      reason: CANNOT_PROMPT,
      hint: 'Pass --yes to confirm.',
    });
  }
  if (await context.terminal.confirm(question)) return;
  throw new ChannelctlError('cancelled', 'Cancelled; nothing was changed.');
}
