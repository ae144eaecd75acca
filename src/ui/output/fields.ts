import { usageError } from '../../shared/errors.ts';
import { isObject } from '../../shared/json.ts';

/**
 * Returns the value at a dotted path, or null if there is none. For a list, returns the values of
 * its items.
 */
export function valueAt(value: unknown, path: string): unknown {
  if (path === '') return value;
  if (isObject(value) && Object.hasOwn(value, path)) return value[path];
  if (Array.isArray(value)) return value.map((item) => valueAt(item, path));
  const [key, rest] = firstKey(value, path);
  return isObject(value) && Object.hasOwn(value, key) ? valueAt(value[key], rest) : null;
}

/**
 * Splits `path` at the first dot, unless it is a key of `value`: keys of `config` may contain dots.
 */
function firstKey(value: unknown, path: string): [key: string, rest: string] {
  if (isObject(value) && Object.hasOwn(value, path)) return [path, ''];
  const dot = path.indexOf('.');
  return dot < 0 ? [path, ''] : [path.slice(0, dot), path.slice(dot + 1)];
}

/** Returns the parts of `value` at `paths`, nested as in `value` and in the order of the paths. */
export function pickFields(value: unknown, paths: readonly string[]): unknown {
  if (paths.includes('')) return value;
  if (Array.isArray(value)) return value.map((item) => pickFields(item, paths));
  const below = new Map<string, string[]>();
  for (const path of paths) {
    const [key, rest] = firstKey(value, path);
    below.set(key, [...(below.get(key) ?? []), rest]);
  }
  return Object.fromEntries(
    [...below].map(([key, rests]) => {
      const inner = isObject(value) && Object.hasOwn(value, key) ? value[key] : null;
      return [key, inner === null ? null : pickFields(inner, rests)];
    }),
  );
}

export function fieldsIn<const Name extends string, const Inner extends string>(
  name: Name,
  inner: readonly Inner[],
): (Name | `${Name}.${Inner}`)[] {
  return [name, ...inner.map((field) => `${name}.${field}` as const)];
}

export function outerFields(fields: readonly string[]): string[] {
  return fields.filter((field) => !field.includes('.'));
}

function isInside(path: string, prefix: string): boolean {
  return path.startsWith(prefix) && path.length > prefix.length && !path.endsWith('.');
}

/**
 * Parses `--fields a,b.c`.
 *
 * @param known the fields of the result as dotted paths, with `config.*` for any field inside
 *   `config`; null if they are unknown
 * @throws ChannelctlError `usage` if a field is unknown or none is specified
 */
export function parseFields(text: string, known: readonly string[] | null): string[] {
  const paths = text
    .split(/[\s,]+/) // PowerShell passes a,b as "a b".
    .map((path) => path.trim())
    .filter((path) => path !== '');
  const isKnown = (path: string) =>
    known?.some((field) =>
      field.endsWith('.*') ? isInside(path, field.slice(0, -1)) : path === field,
    ) ?? true;
  const unknown = paths.filter((path) => !isKnown(path));
  if (paths.length > 0 && unknown.length === 0) return paths;
  throw usageError(
    paths.length === 0
      ? '--fields is empty.'
      : `Unknown ${unknown.length > 1 ? 'fields' : 'field'}: ${unknown.join(', ')}.`,
    {
      misspelt: { word: unknown[0] ?? '', known: known ?? [] },
      reason:
        known === null
          ? 'The valid fields are those of the response.'
          : `Valid fields: ${known.join(', ')}.`,
      hint: 'Separate fields with commas, and use dots for nested fields: config.page_id.',
    },
  );
}
