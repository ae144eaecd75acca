import { expect, test } from 'vitest';
import { parseFields } from '../../src/ui/output/fields.ts';
import { failureOf } from '../support/storage.ts';

const KNOWN = ['id', 'account_key', 'config', 'config.*'];

test.each(['id,account_key', 'id, account_key', 'id account_key', ' id,,account_key '])(
  'fields may be separated by commas and by blanks, as PowerShell passes them: %j',
  (text) => {
    expect(parseFields(text, KNOWN)).toEqual(['id', 'account_key']);
  },
);

test.each([' , ', ''])('no field at all is a usage error: %j', async (text) => {
  const error = await failureOf(Promise.resolve().then(() => parseFields(text, KNOWN)));
  expect(error).toMatchObject({ kind: 'usage', message: '--fields is empty.' });
});
