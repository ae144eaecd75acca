import { type ChannelctlError, cancelledError } from '../../shared/errors.ts';

/** How one try ended. */
export type Attempt<Value> =
  | { done: true; value: Value }
  | {
      done: false;
      error: ChannelctlError;
      /** Another try may go better. */
      retryable: boolean;
      /** Milliseconds that the server asks to wait, where it says so. */
      retryAfter: number | null;
    };

/** Time and chance, as arguments. */
export interface Pace {
  /** Resolves after so many milliseconds; rejects when `signal` is aborted. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
  /** From 0 to just under 1. */
  random(): number;
  /** Milliseconds since the epoch. */
  now(): number;
  signal: AbortSignal;
}

/** Tries in all of a call that may be repeated. */
export const MAX_ATTEMPTS = 4;

/** The longest wait that is worth sitting out, in milliseconds. */
export const MAX_WAIT_MS = 60_000;

/** No try begins later than this after the first one, in milliseconds. */
const MAX_RETRY_PERIOD_MS = 90_000;

const FIRST_WAIT_MS = 500;
const JITTER = 0.25;

/**
 * Tries until it is done, at most `tries` times: after about 0.5, 1 and 2 seconds, or after as
 * long as the server asks for. ky's own retries are of no use here, for Graph reports temporary errors
 * by a code in the body of an HTTP 400, which ky does not read.
 *
 * @param beforeWait hears of each wait, in milliseconds, before it begins
 * @throws the error of the last try; a cancelled one once the signal is aborted
 */
export async function tryRepeatedly<Value>(
  tries: number,
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
    const isLast = !outcome.retryable || tried >= tries || wait > MAX_WAIT_MS;
    if (isLast || pace.now() + wait > lastStart) throw outcome.error;
    beforeWait(wait);
    await sleepUnlessAborted(wait, pace);
  }
}

/** 0.5, 1, 2 … seconds, each up to a quarter longer or shorter, in whole milliseconds. */
function backoff(tried: number, random: number): number {
  return Math.round(FIRST_WAIT_MS * 2 ** (tried - 1) * (1 - JITTER + 2 * JITTER * random));
}

/** @throws ChannelctlError `cancelled` once the signal is aborted */
export async function sleepUnlessAborted(milliseconds: number, pace: Pace): Promise<void> {
  try {
    await pace.sleep(milliseconds, pace.signal);
  } catch (error) {
    throw pace.signal.aborted ? cancelledError() : error;
  }
}
