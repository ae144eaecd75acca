import fc from 'fast-check';
import { test } from 'vitest';
import { SECRET_KEY_PATTERN } from '../../src/declarative/document/secret-pattern.ts';
import { isSecretKey } from '../../src/shared/secrets.ts';
import { share } from '../support/chance.ts';

test('the schema and channelctl recognize the same keys as secrets', () => {
  const pattern = new RegExp(SECRET_KEY_PATTERN, 'u');
  const words = fc.constantFrom(
    ...['secret', 'token', 'password', 'passphrase', 'pin', 'private', 'api', 'key', 'x', 'X'],
    ...['Secret', 'TOKEN', 'PassWord', 'Pin', 'PRIVATE', 'Api', 'API', 'aPI', 'Key', 'KEY', '9'],
    ...['_', '.', '-', '__'],
  );
  const keys = fc.array(words, { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(keys, (key) => pattern.test(key) === isSecretKey(key)),
    { numRuns: share(20_000) },
  );
});
