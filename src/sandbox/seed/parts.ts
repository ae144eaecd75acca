import { z } from 'zod';
import { callbackUrlError } from '../handlers/webhooks.ts';

export const id = z
  .string({ error: 'an id is a string: put it in quotes' })
  .regex(/^\d{1,20}$/, 'an id consists of digits');

export const pin = z.string().regex(/^\d{6}$/, 'a PIN is six digits, in quotes');

/** A token or secret that a test wants to know beforehand; random where it is absent. */
export const secret = z.string().min(1).optional();

/** Where webhooks go. */
export const callbackUrl = z.string().refine((address) => callbackUrlError(address) === null, {
  error: ({ input }) => callbackUrlError(String(input)) ?? '',
});

/** A point in time. It is read with `Date.parse`. */
export const time = z.iso.datetime({
  offset: true,
  error: 'a time is written like 2026-05-01T08:00:00Z',
});
