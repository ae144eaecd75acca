import { z } from 'zod';

export const id = z
  .string({ error: 'an ID must be a string; put it in quotes' })
  .regex(/^\d{1,20}$/, 'an ID must consist of up to 20 digits');
