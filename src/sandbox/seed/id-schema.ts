import { z } from 'zod';
import { isMetaId } from '../../shared/meta-id.ts';

export const id = z
  .string({ error: 'an ID must be a string; put it in quotes' })
  .refine(isMetaId, 'an ID must consist of up to 20 digits');
