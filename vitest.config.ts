import { randomInt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { defineConfig } from 'vitest/config';

const E2E = 'test/**/*.e2e.test.ts';
const CHAOS = 'test/**/*.chaos.test.ts';

// All workers inherit this seed.
process.env.CHAOS_SEED ??= String(randomInt(2 ** 31));

export default defineConfig({
  plugins: [
    {
      // As in the build, scripts for the browser are imported as text.
      name: 'client-scripts-as-text',
      enforce: 'pre',
      load: async (id) =>
        id.endsWith('.client.js')
          ? `export default ${JSON.stringify(await readFile(id, 'utf8'))};`
          : undefined,
    },
  ],
  test: {
    testTimeout: 30_000,
    hookTimeout: 30_000,
    maxWorkers: '100%',
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [E2E, CHAOS],
          isolate: false,
          // Commands that run in the worker must not access the keychain of the user who runs the
          // tests.
          env: { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent' },
        },
      },
      { extends: true, test: { name: 'e2e', include: [E2E] } },
      {
        extends: true,
        test: {
          name: 'chaos',
          include: [CHAOS],
          setupFiles: 'test/support/chance.ts',
          globalSetup: 'test/support/announce-chance.ts',
        },
      },
    ],
  },
});
