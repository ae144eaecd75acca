import { existsSync, lstatSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemCode } from './errors.ts';

/**
 * Returns the link that makes `path` unavailable because its target is missing: the file itself or
 * one of its folders; null if there is none.
 */
export function findDanglingLink(path: string): string | null {
  try {
    return lstatSync(path).isSymbolicLink() && !existsSync(path) ? path : null;
  } catch (error) {
    if (systemCode(error) !== 'ENOENT' || dirname(path) === path) return null;
    return findDanglingLink(dirname(path));
  }
}

/** Whether `error` means that nothing exists at `path`, not even a link without its target. */
export function isMissing(error: unknown, path: string): boolean {
  return systemCode(error) === 'ENOENT' && findDanglingLink(path) === null;
}
