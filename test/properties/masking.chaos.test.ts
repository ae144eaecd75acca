import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ConfigChange, mergeConfig } from '../../src/accounts/config.ts';
import { masks } from '../../src/accounts/secrets.ts';
import { knownSecrets } from '../../src/channels/index.ts';
import type { StoredConfig } from '../../src/profile/types.ts';
import { ChannelctlError } from '../../src/shared/errors.ts';
import type { Json } from '../../src/shared/json.ts';
import { isSecretKey, lastFour, maskOf } from '../../src/shared/secrets.ts';

const owner = { channel: 'email', account_key: 'support' };
const word = fc.stringMatching(/^[a-z]{1,8}$/);
const secretKey = fc
  .tuple(word, fc.constantFrom('_secret', '.token', '-password', 'Passphrase', '_PIN', '_api_key'))
  .map((parts) => parts.join(''));
const plainKey = word.filter((key) => !isSecretKey(key));
const secret = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 });

const stored = fc
  .record({
    config: fc.dictionary(plainKey, fc.oneof(fc.string(), fc.integer(), fc.boolean())),
    secrets: fc.dictionary(secretKey, secret),
  })
  .map(({ config, secrets }) => {
    const marks = Object.entries(secrets).map(
      ([key, value]): [string, StoredConfig['secrets'][string]] => [
        key,
        { store: 'file', item: `item of ${key}`, last4: lastFour(value) },
      ],
    );
    const state: StoredConfig = { config, secrets: Object.fromEntries(marks) };
    return { state, values: secrets };
  });

function merge(state: StoredConfig, set: Record<string, Json>, unset: string[] = []) {
  const put: [field: string, value: string][] = [];
  const change: ConfigChange = { set, unset };
  const merged = mergeConfig(state, change, {
    masks: masks({}, owner, state, knownSecrets(owner)),
    put(field, value) {
      put.push([field, value]);
      return { store: 'file', item: `new item of ${field}`, last4: lastFour(value) };
    },
  });
  return { merged, put };
}

function shown(state: StoredConfig): Record<string, Json> {
  return { ...state.config, ...Object.fromEntries(masks({}, owner, state, knownSecrets(owner))) };
}

test('a shown configuration that is passed back changes and stores nothing', () => {
  fc.assert(
    fc.property(stored, ({ state }) => {
      const { merged, put } = merge(state, shown(state));
      expect(merged).toEqual(state);
      expect(put).toEqual([]);
    }),
  );
});

test('a mask shows at most the last four characters of a secret', () => {
  fc.assert(
    fc.property(secret, (value) => {
      const mask = maskOf(lastFour(value));
      const characters = [...value];
      expect(mask).toBe(
        characters.length < 12 ? '********' : `********${characters.slice(-4).join('')}`,
      );
    }),
  );
});

test('a different mask is never stored as a secret and never replaces one', () => {
  fc.assert(
    fc.property(stored, secretKey, fc.string({ maxLength: 8 }), ({ state }, key, tail) => {
      const value = `********${tail}`;
      fc.pre(masks({}, owner, state, knownSecrets(owner)).get(key) !== value);
      expect(() => merge(state, { [key]: value })).toThrow(ChannelctlError);
    }),
  );
});

test('merging keeps every key that is not specified, and never duplicates a key', () => {
  const given = fc.dictionary(fc.oneof(plainKey, secretKey), secret);
  fc.assert(
    fc.property(stored, given, fc.array(word), ({ state }, set, names) => {
      const unset = names.filter((name) => !Object.hasOwn(set, name));
      fc.pre(Object.values(set).every((value) => !value.startsWith('********')));
      const before = structuredClone(state);
      const { merged, put } = merge(state, set, unset);
      expect(state, 'the stored configuration is not modified').toEqual(before);
      for (const part of ['config', 'secrets'] as const)
        for (const [key, value] of Object.entries(state[part])) {
          if (Object.hasOwn(set, key)) continue;
          expect(merged[part][key]).toEqual(unset.includes(key) ? undefined : value);
        }
      expect(new Map(put)).toEqual(
        new Map(Object.entries(set).filter(([key]) => isSecretKey(key))),
      );
      expect(Object.keys(merged.config).filter(isSecretKey)).toEqual([]);
      expect(Object.keys(merged.secrets).every(isSecretKey)).toBe(true);
    }),
  );
});
