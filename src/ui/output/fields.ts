import { usageError } from '../../shared/errors.ts';
import { isObject } from '../../shared/json.ts';

/** The value at a dotted path; a path into a list returns the values of its items. */
export function valueAt(value: unknown, path: string): unknown {
  if (path === '') return value;
  // The usual case, answered quickly.
  if (isObject(value) && Object.hasOwn(value, path)) return value[path];
  if (Array.isArray(value)) return value.map((item) => valueAt(item, path));
  const [key, rest] = firstKey(value, path);
  return isObject(value) && Object.hasOwn(value, key) ? valueAt(value[key], rest) : null;
}

/** The first key of `path` in `value`: a key may itself contain dots, as those of `config` do. */
function firstKey(value: unknown, path: string): [key: string, rest: string] {
  if (isObject(value) && Object.hasOwn(value, path)) return [path, ''];
  const dot = path.indexOf('.');
  return dot < 0 ? [path, ''] : [path.slice(0, dot), path.slice(dot + 1)];
}

/** The part of `value` at `paths`, in its own structure and in the order of the paths. */
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

/** A field and its inner fields, as dotted paths: `pages`, `pages.id`, `pages.name`. */
export function fieldsIn<const Name extends string, const Inner extends string>(
  name: Name,
  inner: readonly Inner[],
): (Name | `${Name}.${Inner}`)[] {
  return [name, ...inner.map((field) => `${name}.${field}` as const)];
}

/** The fields that are not inside another one. */
export function outerFields(fields: readonly string[]): string[] {
  return fields.filter((field) => !field.includes('.'));
}

/** Whether a path is below a prefix such as `config.`. */
function isInside(path: string, prefix: string): boolean {
  return path.startsWith(prefix) && path.length > prefix.length && !path.endsWith('.');
}

/**
 * Parses `--fields a,b.c`.
 *
 * @param known the fields of the command's result, as dotted paths; `config.*` stands for all
 *   fields of one; null if they are not known
 * @throws ChannelctlError of kind `usage` that lists the valid ones
 */
export function parseFields(text: string, known: readonly string[] | null): string[] {
  const paths = text
    .split(',')
    .map((path) => path.trim())
    .filter((path) => path !== '');
  const isKnown = (path: string) =>
    known?.some((field) =>
      field.endsWith('.*') ? isInside(path, field.slice(0, -1)) : path === field,
    ) ?? true;
  const unknown = paths.filter((path) => !isKnown(path));
  if (paths.length > 0 && unknown.length === 0) return paths;
  throw usageError(
    paths.length === 0 ? '--fields names no field.' : `Unknown field: ${unknown.join(', ')}.`,
    {
      reason:
        known === null
          ? 'The fields are those of the answer.'
          : `The fields of this result are ${known.join(', ')}.`,
      hint: 'Name some of those, separated by commas; a dot goes into one: config.page_id.',
    },
  );
}
