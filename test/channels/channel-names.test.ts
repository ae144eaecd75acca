import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { CHANNEL_NAMES } from '../../src/channels/index.ts';

const SOURCE = fileURLToPath(new URL('../../src', import.meta.url));

/**
 * The files that may refer to a channel by name: its own, Graph operations, the sandbox, and those
 * that register it.
 */
const OF_A_CHANNEL = new RegExp(
  `^(?:(?:channels|commands)/(?:${CHANNEL_NAMES.join('|')}|menu)/|graph/operations/|sandbox/|channels/index\\.ts$|cli/registry\\.ts$)`,
);

test('only the files of a channel refer to it by name', () => {
  const name = new RegExp(`(['"])(?:${CHANNEL_NAMES.join('|')})\\1`);
  const found = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.ts') && !OF_A_CHANNEL.test(file))
    .filter((file) => name.test(readFileSync(join(SOURCE, file), 'utf8')));
  expect(found).toEqual([]);
});
