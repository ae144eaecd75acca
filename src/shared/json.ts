export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Returns a copy of a value with `change` applied to every string, including keys. */
export function mapStrings(value: Json, change: (text: string) => string): Json {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((inner) => mapStrings(inner, change));
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).map(([key, inner]) => [
    change(key),
    mapStrings(inner, change),
  ]);
  return Object.fromEntries(entries);
}

/** Deeper than any response from Meta, but too shallow to exhaust the stack. */
export const MAX_DEPTH = 200;

/** Whether lists and objects are nested so deeply that copying them would exhaust the stack. */
export function isTooDeep(value: unknown, levels = MAX_DEPTH): boolean {
  if (Array.isArray(value)) {
    return levels === 0 || value.some((inner) => isTooDeep(inner, levels - 1));
  }
  if (!isObject(value)) return false;
  for (const key in value) {
    if (levels === 0 || isTooDeep(value[key], levels - 1)) return true;
  }
  return false;
}
