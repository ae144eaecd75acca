/** Whether a string can be the ID of an object at Meta: an unsigned 64-bit integer. */
export function isMetaId(text: string): boolean {
  return /^\d{1,20}$/.test(text);
}
