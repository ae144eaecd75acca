import { setTimeout as sleep } from 'node:timers/promises';
import { type Run, run } from '../support/cli.ts';

export const TIME_LIMIT_MS = 20_000;
/** When a command that waits for requests, such as `webhooks listen`, is interrupted. */
const INTERRUPT_MS = 150;
const WAITING = /\b(?:listen|start|connect|signup)\b|--watch/;

interface CommandLine {
  args: string[];
  input: string | Buffer;
}

/**
 * Runs a command in this process, and interrupts it if it waits for requests. Returns null if it
 * does not end within the time limit.
 */
export async function runLimited(
  { args, input }: CommandLine,
  env: Record<string, string>,
): Promise<Run | null> {
  const began = performance.now();
  const interruption = new AbortController();
  const isWaiting = WAITING.test(args.join(' '));
  const timer = setTimeout(() => interruption.abort(), isWaiting ? INTERRUPT_MS : TIME_LIMIT_MS);
  const done = new AbortController();
  const late = sleep(TIME_LIMIT_MS + 1000, null, { signal: done.signal }).catch(() => null);
  const ended = await Promise.race([run(args, env, input, { interruption }), late]);
  clearTimeout(timer);
  done.abort();
  return performance.now() - began > TIME_LIMIT_MS ? null : ended;
}
