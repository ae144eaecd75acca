import { stripControlCharacters } from '../../shared/text.ts';

/** A value as a person reads it in a table: one line, nothing in it that steers a terminal. */
export function cell(value: unknown): string {
  if (value === null || value === undefined) return '-';
  if (value === true) return 'yes';
  if (value === false) return 'no';
  return stripControlCharacters(typeof value === 'object' ? JSON.stringify(value) : String(value));
}
