import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { type Run, run } from './cli.ts';

/** Runs a command and interrupts it when `isReady` returns true. */
export async function interruptedRun(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  isReady: () => Promise<boolean> | boolean,
): Promise<Run> {
  const interruption = new AbortController();
  const running = run(args, env, '', { interruption });
  await expect.poll(isReady, { timeout: 10_000 }).toBe(true);
  await sleep(50); // The other calls are now under way.
  interruption.abort();
  return running;
}
