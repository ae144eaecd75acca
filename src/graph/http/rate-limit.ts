import { isObject } from '../../shared/json.ts';
import { type Pace, sleepUnlessAborted } from './retry.ts';

export interface Throttle {
  /** Records the highest usage of a limit, in percent; null if the response reports none. */
  used(percent: number | null): void;
  /** Resolves when the next request may start. `calls` is the number of calls in the request. */
  turn(calls?: number): Promise<void>;
}

const THROTTLE_FROM_PERCENT = 80;

/**
 * The delay between calls for each percent above `THROTTLE_FROM_PERCENT`: two seconds at the limit.
 */
const GAP_PER_PERCENT_MS = 100;

/**
 * Creates a throttle that slows calls down near a limit. Limits count the calls of the last hour,
 * so slower calls stay below them (Meta, "Rate Limits").
 *
 * @param onSlow called once, when calls are delayed for the first time
 */
export function createThrottle(pace: Pace, onSlow: (percent: number) => void): Throttle {
  let gap = 0;
  let nextStart = 0;
  let hasWarned = false;
  return {
    used(percent) {
      if (percent === null) return;
      gap = Math.max(0, Math.min(percent, 100) - THROTTLE_FROM_PERCENT) * GAP_PER_PERCENT_MS;
      if (gap === 0 || hasWarned) return;
      hasWarned = true;
      onSlow(percent);
    },
    async turn(calls = 1) {
      if (gap === 0) return;
      const now = pace.now();
      const start = Math.max(now, nextStart);
      nextStart = start + gap * calls;
      if (start > now) await sleepUnlessAborted(start - now, pace);
    },
  };
}

/**
 * Returns how long to wait, in milliseconds, according to `Retry-After`; null if the header is
 * missing or invalid. The header contains seconds or an HTTP date (RFC 9110, 10.2.3).
 */
export function retryAfter(headers: Headers, now: number): number | null {
  const value = headers.get('retry-after')?.trim() ?? '';
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const date = /[a-z]/i.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

/**
 * Returns the milliseconds until Meta accepts calls for the business again, from the longest
 * `estimated_time_to_regain_access` (which is in minutes); null if the headers report no such time.
 */
export function timeToRegainAccess(headers: Headers): number | null {
  const minutes = businessUsages(headers).map((usage) => usage.estimated_time_to_regain_access);
  const longest = Math.max(0, ...minutes.map(Number).filter(Number.isFinite));
  return longest === 0 ? null : longest * 60_000;
}

/**
 * Returns the highest usage of a limit in the usage headers, in percent; null if they report none.
 */
export function highestUsage(headers: Headers): number | null {
  const percentages = [headerJson(headers, 'x-app-usage'), ...businessUsages(headers)]
    .filter(isObject)
    .flatMap((usage) => [usage.call_count, usage.total_cputime, usage.total_time])
    .filter((value) => typeof value === 'number');
  return percentages.length === 0 ? null : Math.max(...percentages);
}

/** Returns the usages in `{"<business id>": [{…}]}` as a flat list. */
function businessUsages(headers: Headers): Record<string, unknown>[] {
  const usage = headerJson(headers, 'x-business-use-case-usage');
  return isObject(usage) ? Object.values(usage).flat().filter(isObject) : [];
}

function headerJson(headers: Headers, name: string): unknown {
  try {
    return JSON.parse(headers.get(name) ?? 'null');
  } catch {
    return null; // The header is only advisory, so an invalid one is ignored.
  }
}
