import { expect, test } from 'vitest';
import { itemsFor, partNames, readParts } from '../../src/secrets/long-values.ts';

const VALUE = 'x'.repeat(3_000);

/** A keychain in which the first `length` items of a long value are stored. */
function keychainWith(length: number) {
  const items = new Map(itemsFor('a', VALUE).slice(0, length));
  const find = async (name: string) => items.get(name) ?? null;
  const first = () => items.get('a');
  return { items, find, first };
}

const ALL = itemsFor('a', VALUE).length;

test('a long value is readable only when its last item is written', async () => {
  for (let written = 0; written < ALL; written += 1) {
    expect(keychainWith(written).first()).toBeUndefined();
  }
  const { first, find } = keychainWith(ALL);
  expect(await readParts('a', first() ?? '', find)).toBe(VALUE);
});

test('the rest of a long value is found after its deletion was interrupted', async () => {
  for (let deleted = 0; deleted <= ALL; deleted += 1) {
    const { items, find } = keychainWith(ALL);
    for (const name of (await partNames('a', find)).slice(0, deleted)) items.delete(name);
    for (const name of await partNames('a', find)) items.delete(name);
    expect([...items.keys()]).toEqual([]);
  }
});
