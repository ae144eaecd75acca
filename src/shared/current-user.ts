/** Returns the effective user ID of this process; null on Windows, which has none. */
export function currentUser(): number | null {
  return process.geteuid?.() ?? null;
}
