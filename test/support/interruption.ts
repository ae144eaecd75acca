import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const STEPS = ['writeFile', 'rename', 'rm', 'mkdir', 'link', 'open'] as const;

type Files = Record<(typeof STEPS)[number], (...args: never[]) => Promise<unknown>>;

/**
 * Runs `work` as if the process were killed before its step `count`: that file operation and all
 * later ones fail without effect. Returns whether `work` ended before that.
 *
 * @param work receives a function that counts a step of its own, such as a call to the keychain
 */
export async function interruptedAt(
  count: number,
  work: (step: () => void) => Promise<unknown>,
): Promise<boolean> {
  let steps = 0;
  const step = () => {
    steps += 1;
    if (steps >= count) throw Object.assign(new Error('killed'), { code: 'EKILLED' });
  };
  const files = fs as unknown as Files;
  const originals = Object.fromEntries(STEPS.map((name) => [name, files[name]]));
  for (const name of STEPS) {
    const original = files[name];
    files[name] = async (...args) => {
      step();
      return original(...args);
    };
  }
  syncBuiltinESMExports();
  try {
    await work(step).catch((error: unknown) => {
      if (steps < count) throw error;
    });
  } finally {
    Object.assign(fs, originals);
    syncBuiltinESMExports();
  }
  return steps < count;
}
