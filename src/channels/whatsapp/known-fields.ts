import { ChannelctlError, type GraphErrorBody } from '../../shared/errors.ts';

/**
 * Reads objects of one type. If Meta refuses a field, only this field is omitted: the object is
 * read again without it, and later reads do not request it.
 */
export class KnownFields {
  readonly #fields: readonly string[];
  readonly #refused = new Set<string>();

  constructor(fields: readonly string[]) {
    this.#fields = fields;
  }

  async read<Value>(read: (fields: string) => Promise<Value>): Promise<Value> {
    const fields = this.requested;
    try {
      return await read(fields);
    } catch (error) {
      if (this.omitRefused(error, fields)) return this.read(read);
      throw error;
    }
  }

  get requested(): string {
    return this.#fields.filter((field) => !this.#refused.has(field)).join(',');
  }

  /**
   * Omits the field that Meta refused from later reads.
   *
   * @param error the error of a read of these fields
   * @returns false if the error has another cause
   */
  omitRefused(error: unknown, fields: string): boolean {
    const graph = error instanceof ChannelctlError ? error.graph : null;
    const refused = graph === null ? undefined : refusedField(graph, fields.split(','));
    if (refused !== undefined) this.#refused.add(refused);
    return refused !== undefined;
  }
}

/**
 * Meta's codes for a refused field: missing capability (3) or permission (10, 200), deprecated
 * field (12), invalid parameter (100).
 */
const CODES: readonly number[] = [3, 10, 12, 100, 200];

/** The field that Meta refuses with code 3, without naming it, if the app lacks a capability. */
const CAPABILITY_FIELD = 'is_on_biz_app';

function refusedField(
  { code, message }: GraphErrorBody,
  fields: readonly string[],
): string | undefined {
  if (code === null || !CODES.includes(code)) return undefined;
  const text = message ?? '';
  // Another object with this ID, such as a business portfolio, has other fields.
  if (/on node type \((?!WhatsApp)/.test(text)) return undefined;
  const named = /nonexisting field \((\w+)\)|\b(\w+) field is deprecated/.exec(text);
  const name = named?.[1] ?? named?.[2];
  if (name !== undefined) return fields.find((field) => field === name);
  // One-word names, such as id and status, also appear in messages about other things.
  const mentioned = fields.find(
    (field) => field.includes('_') && new RegExp(`\\b${field}\\b`).test(text),
  );
  return mentioned ?? (code === 3 ? fields.find((field) => field === CAPABILITY_FIELD) : undefined);
}
