import { ChannelctlError, cancelledError } from '../shared/errors.ts';
import { count } from '../shared/text.ts';

/** 24 days, the longest timer of Node: a longer one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export interface WaitOptions {
  /** The awaited event, in a sentence: `the sign-in at Facebook`. */
  subject: string;
  timeoutSeconds: number;
  /** Another way to reach the goal, as the end of a sentence. */
  alternative: string;
  /** Aborted when the user interrupts the program. */
  interrupt: AbortSignal;
}

/**
 * Waits for the first of several answers.
 *
 * @param start begins the waiting; its signal is aborted when the waiting has ended in any way
 * @throws ChannelctlError of kind `cancelled` if `interrupt` is aborted, and of kind `graph` on a
 *   timeout
 */
export async function waitForFirst<Answer>(
  options: WaitOptions,
  start: (done: AbortSignal) => Promise<Answer>[],
): Promise<Answer> {
  const done = new AbortController();
  try {
    return await Promise.race([
      rejectOnInterrupt(options, done.signal),
      ...start(done.signal),
      rejectOnTimeout(options, done.signal),
    ]);
  } finally {
    done.abort();
  }
}

function rejectOnInterrupt({ interrupt }: WaitOptions, done: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const cancel = () => reject(cancelledError());
    if (interrupt.aborted) cancel();
    interrupt.addEventListener('abort', cancel, { once: true, signal: done });
  });
}

function rejectOnTimeout(
  { subject, timeoutSeconds, alternative }: WaitOptions,
  done: AbortSignal,
): Promise<never> {
  return new Promise((_, reject) => {
    const fail = () =>
      reject(
        new ChannelctlError('graph', `Nobody answered ${subject} in time.`, {
          reason: `channelctl waited ${count(timeoutSeconds, 'second')}.`,
          hint: `Run it again with a longer --timeout <seconds>, or ${alternative}.`,
        }),
      );
    const timer = setTimeout(fail, Math.min(timeoutSeconds * 1000, MAX_TIMER_MS));
    done.addEventListener('abort', () => clearTimeout(timer), { once: true });
  });
}
