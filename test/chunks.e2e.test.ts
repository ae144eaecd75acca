import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const DIST = fileURLToPath(new URL('../dist', import.meta.url));

// Every byte of these files is read at each start. A static import of a large package, such as the
// YAML parser or a mail client, would double their size unnoticed.
test.each([
  ['main', 60_000],
  ['complete', 20_000],
  ['everyday', 125_000],
  ['records', 10_000],
  ['secret-commands', 15_000],
  ['fleet', 80_000],
  ['meta', 80_000],
  ['channels', 60_000],
  ['stores', 30_000],
  ['changes', 40_000],
])('the bundle %s is smaller than %d bytes', (name, limit) => {
  const files = readdirSync(DIST).filter((file) =>
    new RegExp(`^${name}(?:-[\\w-]+)?\\.js$`).test(file),
  );
  expect(files).toHaveLength(1);
  expect(statSync(join(DIST, files[0] ?? '')).size).toBeLessThan(limit);
});
