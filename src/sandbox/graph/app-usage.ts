import type { SandboxState } from '../state/sandbox-state.ts';
import type { Token } from '../state/token.ts';
import { appRateLimited } from './errors.ts';

/**
 * Counts a call of the token's app. Returns the header with the app's usage of its rate limit, or
 * no header if it has no limit.
 *
 * @throws MetaError 4 if the limit is exceeded
 */
export function appUsage(state: SandboxState, { app }: Token): Record<string, string> {
  const calls = state.calls.count(app.id, state.now());
  const { calls_per_hour: limit } = app;
  if (limit === undefined) return {};
  if (calls > limit) throw appRateLimited();
  const call_count = Math.floor((100 * calls) / limit);
  return { 'X-App-Usage': JSON.stringify({ call_count, total_cputime: 0, total_time: 0 }) };
}
