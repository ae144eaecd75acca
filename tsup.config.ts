import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cyclonedxEsbuildPlugin } from '@cyclonedx/cyclonedx-esbuild';
import { type GetModuleInfo, rollup } from 'rollup';
import { build, defineConfig, type Options } from 'tsup';

const KEYCHAIN = '@napi-rs/keyring';
/** The namespace of empty modules that replace packages that are not used. */
const NOTHING = 'nothing';
const SBOM = 'sbom.cdx.json';
const LICENSES = 'THIRD-PARTY-LICENSES.txt';
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
      name: 'shorten-names-in-commander',
      setup: (build) => {
        // It is most of what every start reads. Its stack frames are of no use to anybody.
        build.onLoad({ filter: /\/commander\/.*\.js$/ }, async ({ path }) => {
          const source = readFileSync(path, 'utf8');
          return { contents: (await build.esbuild.transform(source, { minify: true })).code };
        });
      },
    },
    {
      name: 'nothing-in-place-of-what-is-not-used',
      setup: (build) => {
        // commander loads this for subcommands that are programs of their own. There are none here,
        // and it costs a tenth of Node's own start.
        build.onResolve({ filter: /^node:child_process$/ }, ({ path, importer }) =>
          importer.includes('/commander/') ? { path, namespace: NOTHING } : undefined,
        );
        // conf is always told its folder, and asks this for none. It wants the home folder while it
        // loads, which a container need not have.
        build.onResolve({ filter: /^env-paths$/ }, ({ path }) => ({ path, namespace: NOTHING }));
        build.onLoad({ filter: /.*/, namespace: NOTHING }, () => ({
          contents: 'export default undefined;',
        }));
      },
    },
  ],
};

/** A Tab press that finds a broken state file gets no candidates, so it need not find the position. */
const WITHOUT_ERROR_POSITION: Plugins[number] = {
  name: 'nothing-to-find-the-position-of-an-error-in-the-state-file',
  setup: (build) => {
    build.onResolve({ filter: /^yaml$/ }, ({ path, importer }) =>
      importer.endsWith('/state-file/read.ts') ? { path, namespace: NOTHING } : undefined,
    );
  },
};

/** Loaded by nearly every call, together with everything that it imports statically. */
const EVERYDAY = 'everyday';

/**
 * What is loaded together, by the modules that are imported dynamically. Every file costs time at
 * start-up, so that each group becomes one.
 */
const GROUPS: readonly [name: string, modules: RegExp][] = [
  [
    EVERYDAY,
    /^src\/(cli\/(command-loader|execute)|shared\/redactor|commands\/(accounts|audit|config|integrations|profiles)\/index)\.ts$/,
  ],
  ['meta', /^src\/commands\/(email|instagram|menu|messenger|sandbox|tokens|whatsapp)\/index\.ts$/],
  ['fleet', /^src\/commands\/(\w+|api\/api|init\/init|webhooks\/index)\.ts$/],
  ['channels', /^src\/channels\/\w+\/(check|connect|remote)\.ts$/],
  ['changes', /^src\/profile\/(transaction|cleanup|delete-profile|audit\/\w+|lock\/lock)\.ts$/],
];

/**
 * esbuild makes a file for each set of places that share code: dozens of small ones. Rollup puts
 * the groups above together, and otherwise what is always loaded together.
 */
function groupChunks(): Plugin {
  const groups = new Map<string, string>();
  return {
    name: 'group-chunks',
    renderChunk(_code, { path, entryPoint }) {
      const group = GROUPS.find(([, modules]) => modules.test(entryPoint ?? ''));
      if (group !== undefined) groups.set(path, group[0]);
      return undefined;
    },
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
            name: 'source-maps-of-esbuild',
            load: (path) => ({
              code: readFileSync(path, 'utf8'),
              map: readFileSync(`${path}.map`, 'utf8'),
            }),
          },
          {
            name: 'no-source-maps-of-dependencies-only',
            generateBundle(_options, files) {
              for (const file of Object.values(files)) {
                if (file.type !== 'chunk' || file.sourcemapFileName === null) continue;
                const isOurs = file.map?.sources.some((source) => source.startsWith('../src/'));
                if (isOurs !== true) delete files[file.sourcemapFileName];
              }
            },
          },
        ],
      });
      for (const { name } of writtenFiles) rmSync(name);
      await bundle.write({
        dir: outDir,
        // `--debug` reads them. A comment in the code that names them would cost time at start-up.
        sourcemap: 'hidden',
        sourcemapExcludeSources: true,
        // Bundled CommonJS packages call require() for Node's own modules.
        banner: ({ modules }) =>
          Object.values(modules).some(({ code }) => code?.includes('typeof require'))
            ? REQUIRE
            : '',
        manualChunks: (id, { getModuleInfo }) => {
          const importers = importersOf(id, getModuleInfo);
          if (importers.some((one) => getModuleInfo(one)?.isEntry)) return undefined;
          const isEveryday = importers.some((one) => groups.get(one) === EVERYDAY);
          return isEveryday ? EVERYDAY : groups.get(id);
        },
        // Otherwise Rollup adds everything that a group imports to it, large libraries included.
        onlyExplicitManualChunks: true,
      });
    },
  };
}

/** The modules that load `id` with them, itself included. */
function importersOf(id: string, getModuleInfo: GetModuleInfo): string[] {
  const found = new Set([id]);
  for (const one of found) {
    for (const importer of getModuleInfo(one)?.importers ?? []) found.add(importer);
  }
  return [...found];
}

/** The parts of a CycloneDX bill of materials that are read here. */
interface Component {
  'bom-ref': string;
  group?: string;
  name: string;
  version: string;
  licenses?: { license?: { id?: string; name?: string }; expression?: string }[];
  evidence?: { licenses: { license: { text: { content: string } } }[] };
}
interface Sbom {
  components: Component[];
  dependencies: { ref: string; dependsOn?: string[] }[];
}

/**
 * Removes the empty modules from the bill of materials, and writes the licence texts of every
 * bundled package, which the licences require.
 */
function completeSbom(): void {
  const sbom: Sbom = JSON.parse(readFileSync(join('dist', SBOM), 'utf8'));
  const isEmpty = ({ name }: Component) => name.includes(`${NOTHING}:`);
  const empty = sbom.components.filter(isEmpty).map((one) => one['bom-ref']);
  const components = sbom.components.filter((one) => !isEmpty(one));
  const dependencies = sbom.dependencies
    .filter(({ ref }) => !empty.includes(ref))
    .map(({ ref, dependsOn }) => ({
      ref,
      ...(dependsOn && { dependsOn: dependsOn.filter((one) => !empty.includes(one)) }),
    }));
  writeFileSync(join('dist', SBOM), JSON.stringify({ ...sbom, components, dependencies }, null, 2));
  const texts = components.map(licenseText).join(`\n\n${'-'.repeat(80)}\n\n`);
  writeFileSync(join('dist', LICENSES), `${texts}\n`);
}

function licenseText({ group, name, version, licenses = [], evidence }: Component): string {
  const ids = licenses.map(({ license, expression }) => expression ?? license?.id);
  const title = `${group === undefined ? '' : `${group}/`}${name} ${version} (${ids.join(', ')})`;
  if (evidence === undefined) throw new Error(`The package ${title} has no licence text.`);
  const texts = evidence.licenses.map(({ license }) =>
    Buffer.from(license.text.content, 'base64').toString('utf8').trim(),
  );
  return [title, ...texts].join('\n\n');
}

type Plugin = NonNullable<Options['plugins']>[number];
type Plugins = NonNullable<Options['esbuildPlugins']>;

const SBOM_PLUGIN = cyclonedxEsbuildPlugin({
  outputFile: SBOM,
  gatherLicenseTexts: true,
  outputReproducible: true,
  logLevel: 'silent',
});

// Splitting keeps each command's handlers and heavy dependencies in chunks of their own, loaded
// when they are needed.
export default defineConfig((overrides) => ({
  ...COMMON,
  entry: { main: 'src/process.ts' },
  splitting: true,
  sourcemap: true,
  clean: true,
  plugins: [groupChunks()],
  esbuildPlugins: [
    ...(COMMON.esbuildPlugins ?? []),
    // A test builds a program of its own, which is not distributed.
    ...(overrides.entry === undefined ? [SBOM_PLUGIN] : []),
  ],
  // Completion is one file, which loads faster than chunks, and a table of all commands, made by
  // the program itself.
  async onSuccess() {
    const entry = {
      complete: 'src/completion/main.ts',
      'command-table': 'src/cli/completion-manifest.ts',
    };
    const esbuildPlugins = [WITHOUT_ERROR_POSITION, ...(COMMON.esbuildPlugins ?? [])];
    await build({
      ...COMMON,
      config: false,
      entry,
      splitting: false,
      banner: { js: REQUIRE },
      esbuildPlugins,
    });
    const maker = 'dist/command-table.js';
    writeFileSync('dist/commands.json', execFileSync(process.execPath, [maker]));
    rmSync(maker);
    completeSbom();
  },
}));
