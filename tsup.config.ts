import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { build, defineConfig, type Options } from 'tsup';

const REQUIRE = 'const require = (name) => process.getBuiltinModule(name);';

const COMMON: Options = { format: ['esm'], target: 'node20', platform: 'node', silent: true };

// Everything but the native keychain module is bundled, so that the program starts from a few
// files and users run the dependency versions that were tested. Splitting keeps each command's
// handlers and heavy dependencies in chunks of their own, loaded when they are needed.
export default defineConfig({
  entry: {
    main: 'src/main.ts',
    'command-table': 'src/command-table.ts',
  },
  ...COMMON,
  removeNodeProtocol: false,
  // What runs in the browser is data here.
  loader: { '.client.js': 'text' },
  splitting: true,
  // Names stay, for stack traces; what is not there need not be read.
  esbuildOptions(options) {
    options.minifyWhitespace = true;
    options.minifySyntax = true;
  },
  clean: true,
  noExternal: [/^(?!@napi-rs\/keyring)/],
  external: ['@napi-rs/keyring'],
  esbuildPlugins: [
    {
      // commander loads this for subcommands that are programs of their own. There are none here,
      // and it costs a tenth of Node's own start.
      name: 'no-child-process-for-commander',
      setup: (build) => {
        build.onResolve({ filter: /^node:child_process$/ }, ({ path, importer }) =>
          importer.includes('/commander/') ? { path, namespace: 'nothing' } : undefined,
        );
        build.onLoad({ filter: /.*/, namespace: 'nothing' }, () => ({ contents: '' }));
      },
    },
  ],
  // Completion is one file, which loads faster than chunks, and a table of all commands, made by
  // the program itself.
  async onSuccess() {
    const entry = { complete: 'src/complete.ts' };
    await build({ ...COMMON, config: false, entry, noExternal: [/./], splitting: false });
    const maker = 'dist/command-table.js';
    writeFileSync('dist/commands.json', execFileSync(process.execPath, [maker]));
    rmSync(maker);
  },
  plugins: [
    {
      // Bundled CommonJS packages call require() for Node's own modules, all through one helper.
      // A banner would make a require function in each of many chunks, which start-up would feel.
      name: 'require-for-bundled-commonjs',
      renderChunk: (code) =>
        code.includes('typeof require') ? { code: `${REQUIRE}\n${code}` } : undefined,
    },
  ],
});
