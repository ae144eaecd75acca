import { readFile } from 'node:fs/promises';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [
    {
      // As the build does: what runs in the browser is data here.
      name: 'client-scripts-as-text',
      enforce: 'pre',
      load: async (id) =>
        id.endsWith('.client.js')
          ? `export default ${JSON.stringify(await readFile(id, 'utf8'))};`
          : undefined,
    },
  ],
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
