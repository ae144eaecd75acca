/**
 * Names that Windows reserves for devices, with or without an extension, and names that end in a
 * period.
 */
const RESERVED_BY_WINDOWS = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)|\.$/i;

/**
 * Returns why a profile's folder would be unusable or shared with another profile on some file
 * systems; null if it would not.
 *
 * @param names the existing profiles
 */
export function portabilityProblem(name: string, names: readonly string[]): string | null {
  if (RESERVED_BY_WINDOWS.test(name)) return `Windows does not allow a folder named "${name}".`;
  const twin = names.find((other) => other !== name && other.toLowerCase() === name.toLowerCase());
  if (twin === undefined) return null;
  return `It differs from the profile "${twin}" only in case, and some file systems ignore case.`;
}
