import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rollup } from 'rollup';
import { build, defineConfig, type Options } from 'tsup';

const KEYCHAIN = '@napi-rs/keyring';
const REQUIRE = 'const require = (name) => process.getBuiltinModule(name);';

// Everything but the native keychain module is bundled, so that the program starts from a few
// files and users run the dependency versions that were tested.
const COMMON: Options = {
  format: ['esm'],
  target: 'node20',
  platform: 'node',
  silent: true,
  removeNodeProtocol: false,
  // What runs in the browser is data here.
  loader: { '.client.js': 'text' },
  // Names stay, for stack traces; what is not there need not be read.
  esbuildOptions(options) {
    options.minifyWhitespace = true;
    options.minifySyntax = true;
  },
  noExternal: [new RegExp(`^(?!${KEYCHAIN})`)],
  external: [KEYCHAIN],
  esbuildPlugins: [
    {
      name: 'nothing-in-place-of-what-is-not-used',
      setup: (build) => {
        // commander loads this for subcommands that are programs of their own. There are none here,
        // and it costs a tenth of Node's own start.
        build.onResolve({ filter: /^node:child_process$/ }, ({ path, importer }) =>
          importer.includes('/commander/') ? { path, namespace: 'nothing' } : undefined,
        );
        // conf is always told its folder, and asks this for none. It wants the home folder while it
        // loads, which a container need not have.
        build.onResolve({ filter: /^env-paths$/ }, ({ path }) => ({ path, namespace: 'nothing' }));
        build.onLoad({ filter: /.*/, namespace: 'nothing' }, () => ({
          contents: 'export default undefined;',
        }));
      },
    },
  ],
};

// Splitting keeps each command's handlers and heavy dependencies in chunks of their own, loaded
// when they are needed.
export default defineConfig({
  ...COMMON,
  entry: { main: 'src/process.ts' },
  splitting: true,
  clean: true,
  plugins: [
    {
      // esbuild makes a file for each set of places that share code: dozens of small ones, each of
      // which is felt at start-up. Rollup puts together what is always loaded together.
      name: 'fewer-chunks',
      async buildEnd({ writtenFiles }) {
        const { entry, outDir } = this.options;
        const bundle = await rollup({
          input: Object.keys(entry).map((name) => join(outDir, `${name}.js`)),
          external: [/^node:/, KEYCHAIN],
          preserveEntrySignatures: 'allow-extension',
          treeshake: false,
          logLevel: 'silent',
          plugins: [
            {
              // Bundled CommonJS packages call require() for Node's own modules.
              name: 'require-for-bundled-commonjs',
              renderChunk: (code) =>
                code.includes('typeof require') ? `${REQUIRE}\n${code}` : null,
            },
          ],
        });
        for (const { name } of writtenFiles) rmSync(name);
        await bundle.write({ dir: outDir });
      },
    },
  ],
  // Completion is one file, which loads faster than chunks, and a table of all commands, made by
  // the program itself.
  async onSuccess() {
    const entry = {
      complete: 'src/completion/main.ts',
      'command-table': 'src/cli/completion-manifest.ts',
    };
    await build({ ...COMMON, config: false, entry, splitting: false, banner: { js: REQUIRE } });
    const maker = 'dist/command-table.js';
    writeFileSync('dist/commands.json', execFileSync(process.execPath, [maker]));
    rmSync(maker);
  },
});
