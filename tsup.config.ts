import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cyclonedxEsbuildPlugin } from '@cyclonedx/cyclonedx-esbuild';
import { type GetModuleInfo, rollup } from 'rollup';
import { build, defineConfig, type Options } from 'tsup';

const KEYCHAIN = '@napi-rs/keyring';
/** The namespace of empty modules that replace unused packages. */
const NOTHING = 'nothing';
const SBOM = 'sbom.cdx.json';
const LICENSES = 'THIRD-PARTY-LICENSES.txt';
const REQUIRE = 'const require = (name) => process.getBuiltinModule(name);';

// Everything but the native keychain module is bundled, so that the program starts from a few files
// and users run the dependency versions that were tested.
const COMMON: Options = {
  format: ['esm'],
  target: 'node20',
  platform: 'node',
  silent: true,
  removeNodeProtocol: false,
  // Scripts for the browser are imported as text.
  loader: { '.client.js': 'text' },
  // Smaller files load faster. Identifiers are not minified, because stack traces contain them.
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
        // Commander makes up most of the code that is read at each start, and its stack frames are
        // not needed.
        build.onLoad({ filter: /\/commander\/.*\.js$/ }, async ({ path }) => {
          const source = readFileSync(path, 'utf8');
          return { contents: (await build.esbuild.transform(source, { minify: true })).code };
        });
      },
    },
    {
      name: 'replace-unused-packages',
      setup: (build) => {
        // commander loads this for subcommands in separate executables. channelctl has none, and
        // loading it takes a tenth of Node's own start-up time.
        build.onResolve({ filter: /^node:child_process$/ }, ({ path, importer }) =>
          importer.includes('/commander/') ? { path, namespace: NOTHING } : undefined,
        );
        // env-paths is unused, because conf is always passed its folder. When it is loaded, it
        // requires a home folder, which a container may not have.
        build.onResolve({ filter: /^env-paths$/ }, ({ path }) => ({ path, namespace: NOTHING }));
        build.onLoad({ filter: /.*/, namespace: NOTHING }, () => ({
          contents: 'export default undefined;',
        }));
      },
    },
  ],
};

/**
 * For a corrupt state file, completion shows no candidates, so it does not need the position of the
 * error.
 */
const WITHOUT_ERROR_POSITION: Plugins[number] = {
  name: 'omit-error-positions',
  setup: (build) => {
    const namespace = 'error-position';
    build.onResolve({ filter: /\/syntax-error\.ts$/ }, ({ path }) => ({ path, namespace }));
    build.onLoad({ filter: /.*/, namespace }, () => ({
      contents: "export const describeSyntaxError = () => '';",
    }));
  },
};

/**
 * The chunk that nearly every invocation loads, together with everything that it imports
 * statically.
 */
const EVERYDAY = 'everyday';

/**
 * Groups of modules that are loaded together, identified by the modules that are imported
 * dynamically. Every file adds to start-up time, so each group becomes one file.
 */
const GROUPS: readonly [name: string, modules: RegExp][] = [
  [
    // `ending` and `interruption` are here because Node.js reads a file in the thread pool, which an
    // interrupted command may have blocked.
    EVERYDAY,
    /^src\/(cli\/(command-loader|ending|execute|interruption)|shared\/redactor|commands\/(accounts|config|integrations)\/index)\.ts$/,
  ],
  ['records', /^src\/commands\/(audit|profiles)\/index\.ts$/],
  ['meta', /^src\/commands\/(email|instagram|menu|messenger|tokens|whatsapp)\/index\.ts$/],
  ['fleet', /^src\/commands\/(\w+|api\/api|init\/init|(?:sandbox|webhooks)\/index)\.ts$/],
  ['secret-commands', /^src\/commands\/secrets\/index\.ts$/],
  [
    'stores',
    /^src\/(cli\/secret-stores|profile\/binding-error|secrets\/(file|open|passphrase-source))\.ts$/,
  ],
  ['channels', /^src\/channels\/\w+\/(check|connect|remote)\.ts$/],
  [
    'changes',
    /^src\/profile\/(transaction|cleanup|delete-profile|change-passphrase|audit\/\w+|lock\/lock)\.ts$/,
  ],
];

/**
 * esbuild creates a file for each set of modules that share code: dozens of small ones. Rollup
 * merges them into the groups above, and merges other files that are always loaded together.
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
        // `--debug` reads the source maps. A sourceMappingURL comment in each file would add to
        // start-up time.
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
        // Without this, Rollup adds everything that a group imports, including large libraries.
        onlyExplicitManualChunks: true,
      });
    },
  };
}

/** Returns `id` and all modules that import it statically, directly or indirectly. */
function importersOf(id: string, getModuleInfo: GetModuleInfo): string[] {
  const found = new Set([id]);
  for (const one of found) {
    for (const importer of getModuleInfo(one)?.importers ?? []) found.add(importer);
  }
  return [...found];
}

/** The parts of a CycloneDX bill of materials that are used here. */
interface Component {
  'bom-ref': string;
  group?: string;
  name: string;
  version: string;
  licenses?: { license?: { id?: string; name?: string }; expression?: string }[];
  evidence?: { licenses?: { license: { text: { content: string } } }[] };
}
interface Sbom {
  components: Component[];
  dependencies: { ref: string; dependsOn?: string[] }[];
}

/**
 * Removes the empty modules from the bill of materials, and writes the licence text of every
 * bundled package, as the licences require.
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
  const texts = evidence?.licenses?.map(({ license }) =>
    Buffer.from(license.text.content, 'base64').toString('utf8').trim(),
  );
  return [title, ...(texts ?? [licenseInReadme(name, title)])].join('\n\n');
}

/** Some packages have the text of their licence only at the end of their README. */
function licenseInReadme(name: string, title: string): string {
  const readme = readFileSync(join('node_modules', name, 'README.md'), 'utf8');
  const [, text] = /^## License\s*$([\s\S]*)/im.exec(readme) ?? [];
  if (text?.includes('Permission is hereby granted')) return text.trim();
  throw new Error(`The package ${title} has no licence text.`);
}

type Plugin = NonNullable<Options['plugins']>[number];
type Plugins = NonNullable<Options['esbuildPlugins']>;

const SBOM_PLUGIN = cyclonedxEsbuildPlugin({
  outputFile: SBOM,
  gatherLicenseTexts: true,
  outputReproducible: true,
  logLevel: 'silent',
});

// Code splitting puts each command's handlers and heavy dependencies in separate chunks, which are
// loaded on demand.
export default defineConfig((overrides) => ({
  ...COMMON,
  entry: { main: 'src/process.ts' },
  splitting: true,
  sourcemap: true,
  clean: true,
  plugins: [groupChunks()],
  esbuildPlugins: [
    ...(COMMON.esbuildPlugins ?? []),
    // Programs built by tests are not distributed.
    ...(overrides.entry === undefined ? [SBOM_PLUGIN] : []),
  ],
  // Completion consists of a single file, which loads faster than chunks, and a command table,
  // which the program itself generates.
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
