import { ChannelctlError, cancelledError } from '../shared/errors.ts';
import { count } from '../shared/text.ts';

/** What a timer of Node's can count: 24 days. It would take more for no time at all. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** How long a person is waited for. */
export interface Patience {
  /** What the person is to answer, with where: `the sign-in at Facebook`. */
  what: string;
  timeoutSeconds: number;
  /** What else the person can do, as the end of a sentence. */
  otherWay: string;
}

/**
 * The first answer that any of the ways brings. The signal that `ask` gets is aborted when the
 * waiting is over, however it ended.
 *
 * @throws ChannelctlError of kind `cancelled` where `interrupt` is aborted, and of kind `graph`
 *   where nobody answers within that time
 */
export async function waitForFirst<Answer>(
  patience: Patience,
  interrupt: AbortSignal,
  ask: (over: AbortSignal) => Promise<Answer>[],
): Promise<Answer> {
  const over = new AbortController();
  try {
    return await Promise.race([
      interruption(interrupt, over.signal),
      ...ask(over.signal),
      timeLimit(patience, over.signal),
    ]);
  } finally {
    over.abort();
  }
}

function interruption(interrupt: AbortSignal, over: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const cancel = () => reject(cancelledError());
    if (interrupt.aborted) cancel();
    interrupt.addEventListener('abort', cancel, { once: true, signal: over });
  });
}

function timeLimit(
  { what, timeoutSeconds, otherWay }: Patience,
  over: AbortSignal,
): Promise<never> {
  return new Promise((_, reject) => {
    const giveUp = () =>
      reject(
        new ChannelctlError('graph', `Nobody answered ${what} in time.`, {
          reason: `channelctl waited ${count(timeoutSeconds, 'second')}.`,
          hint: `Run it again with a longer --timeout <seconds>, or ${otherWay}.`,
        }),
      );
    const timer = setTimeout(giveUp, Math.min(timeoutSeconds * 1000, LONGEST_TIMER_MS));
    over.addEventListener('abort', () => clearTimeout(timer), { once: true });
  });
}
