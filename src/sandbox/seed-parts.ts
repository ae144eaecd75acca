import { z } from 'zod';

export const id = z
  .string({ error: 'an id is a string: put it in quotes' })
  .regex(/^\d{1,20}$/, 'an id consists of digits');

export const pin = z.string().regex(/^\d{6}$/, 'a PIN is six digits, in quotes');

/** A token or secret that a test wants to know beforehand; random where it is absent. */
export const secret = z.string().min(1).optional();
