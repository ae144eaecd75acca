import { type Pace, sleepUnlessAborted } from './retry.ts';

/** Keeps calls apart while the usage headers say that a limit is near. */
export interface Throttle {
  /** Hears how much of a limit is used, in percent; null where an answer does not say. */
  used(percent: number | null): void;
  /** Resolves when the next call may begin. */
  turn(): Promise<void>;
}

/** Percent of a limit up to which calls are made as fast as they come. */
const NEAR = 80;

/** Milliseconds between two calls for each percent beyond that: two seconds at the limit. */
const GAP_PER_PERCENT = 100;

/**
 * Limits count the calls of the last hour, so that going on more slowly is what keeps below them
 * (Meta, "Rate Limits"). Until an answer says that a limit is near, nothing waits.
 *
 * @param onSlow hears once that calls are slowed down
 */
export function createThrottle(pace: Pace, onSlow: (percent: number) => void): Throttle {
  let gap = 0;
  let free = 0;
  let told = false;
  return {
    used(percent) {
      if (percent === null) return;
      gap = Math.max(0, Math.min(percent, 100) - NEAR) * GAP_PER_PERCENT;
      if (gap === 0 || told) return;
      told = true;
      onSlow(percent);
    },
    async turn() {
      if (gap === 0) return;
      const now = pace.now();
      const start = Math.max(now, free);
      free = start + gap;
      if (start > now) await sleepUnlessAborted(start - now, pace);
    },
  };
}
