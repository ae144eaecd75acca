import { z } from 'zod';

/** Graph IDs are strings; a number is converted to one. */
export const graphId = z.union([z.string(), z.number()]).transform(String);

/**
 * A detail that should be a string. Any other value is converted to one: a response must not fail
 * because of a detail, and an unknown value is shown.
 */
export const detail = z
  .string()
  .nullish()
  .catch(({ value }) => asText(value));

/** Several such details. */
export const details = z
  .array(z.string())
  .nullish()
  .catch(({ value }) => (Array.isArray(value) ? value.map(asText) : [asText(value)]));

/** Strings unchanged, anything else as JSON. */
export function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** `{data, paging}`: one page of a list. The last one has no `paging.next`. */
export function listOf<Item extends z.ZodType>(item: Item) {
  return z.looseObject({
    data: z.array(item),
    paging: z
      .looseObject({
        cursors: z
          .looseObject({ before: z.string().optional(), after: z.string().optional() })
          .optional(),
        next: z.string().optional(),
      })
      .optional(),
  });
}

export const paging = {
  limit: z.number().int().positive().optional(),
  after: z.string().optional(),
  before: z.string().optional(),
};

/** Whether a change was made. The client turns `false` into an error, so that callers only await. */
export const successFlag = z.looseObject({ success: z.boolean() });

export const tokenAnswer = z.looseObject({
  access_token: z.string(),
  token_type: z.string().optional(),
  /** Seconds. */
  expires_in: z.number().optional(),
});
