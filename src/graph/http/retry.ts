import { type ChannelctlError, cancelledError } from '../../shared/errors.ts';

export type Attempt<Value> =
  | { done: true; value: Value }
  | {
      done: false;
      error: ChannelctlError;
      retryable: boolean;
      /** The wait that the server asks for, in milliseconds; null if it asks for none. */
      retryAfter: number | null;
    };

export interface Pace {
  /** @throws AbortError if `signal` is aborted */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
  /** From 0 to less than 1. */
  random(): number;
  /** Milliseconds since the epoch. */
  now(): number;
  signal: AbortSignal;
}

/** The maximum number of attempts at a repeatable call, including the first. */
export const MAX_ATTEMPTS = 4;

/** If the server asks for a longer wait, the call fails. */
export const MAX_WAIT_MS = 60_000;

/** The maximum time between the start of the first attempt and the start of the last. */
const MAX_RETRY_PERIOD_MS = 90_000;

const FIRST_WAIT_MS = 500;
const JITTER = 0.25;

/**
 * Makes up to `maxAttempts` attempts, until one succeeds or its error is not retryable. They are
 * about 0.5, 1 and 2 seconds apart, or as far apart as the server asks.
 *
 * ky's own retries are not used, because the Graph API reports temporary errors by a code in the
 * body of an HTTP 400, which ky does not read.
 *
 * @param beforeWait called before each wait, with its duration in milliseconds
 * @throws the error of the last attempt; `cancelled` if the signal is aborted
 */
export async function withRetries<Value>(
  maxAttempts: number,
  pace: Pace,
  attempt: () => Promise<Attempt<Value>>,
  beforeWait: (milliseconds: number) => void,
): Promise<Value> {
  const lastStart = pace.now() + MAX_RETRY_PERIOD_MS;
  for (let tried = 1; ; tried += 1) {
    if (pace.signal.aborted) throw cancelledError();
    const outcome = await attempt();
    if (outcome.done) return outcome.value;
    const wait = outcome.retryAfter ?? backoff(tried, pace.random());
    const isLast = !outcome.retryable || tried >= maxAttempts || wait > MAX_WAIT_MS;
    if (isLast || pace.now() + wait > lastStart) throw outcome.error;
    beforeWait(wait);
    await sleepUnlessAborted(wait, pace);
  }
}

/**
 * Returns the wait before the next attempt, in whole milliseconds: 0.5, 1, 2 … seconds, each up to
 * 25% longer or shorter.
 */
function backoff(tried: number, random: number): number {
  return Math.round(FIRST_WAIT_MS * 2 ** (tried - 1) * (1 - JITTER + 2 * JITTER * random));
}

/** @throws ChannelctlError `cancelled` if the signal is aborted */
export async function sleepUnlessAborted(milliseconds: number, pace: Pace): Promise<void> {
  try {
    await pace.sleep(milliseconds, pace.signal);
  } catch (error) {
    throw pace.signal.aborted ? cancelledError() : error;
  }
}
