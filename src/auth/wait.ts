import { ChannelctlError, cancelledError } from '../shared/errors.ts';
import { count } from '../shared/text.ts';

/** Node's longest timer, about 25 days. A longer one would fire immediately. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export interface WaitOptions {
  /** The awaited event, as it appears in a sentence: `the Facebook sign-in`. */
  subject: string;
  timeoutSeconds: number;
  /** The user's alternative, as the end of the hint. */
  alternative: string;
  note?: string | undefined;
  interrupt: AbortSignal;
}

/**
 * Waits for the first of several results.
 *
 * @param start starts the operations; its signal is aborted when the wait ends for any reason
 * @throws ChannelctlError `cancelled` if `interrupt` is aborted, `graph` on a timeout
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
  { subject, timeoutSeconds, alternative, note }: WaitOptions,
  done: AbortSignal,
): Promise<never> {
  return new Promise((_, reject) => {
    const fail = () =>
      reject(
        new ChannelctlError(
          'graph',
          `Timed out after ${count(timeoutSeconds, 'second')} waiting for ${subject}.`,
          {
            hint: `Run the command again with a longer --timeout <seconds>, or ${alternative}.${note === undefined ? '' : ` ${note}`}`,
          },
        ),
      );
    const timer = setTimeout(fail, Math.min(timeoutSeconds * 1000, MAX_TIMER_MS));
    done.addEventListener('abort', () => clearTimeout(timer), { once: true });
  });
}
