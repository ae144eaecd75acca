// Imports go in one direction: shared ← secrets, profile, graph, ui ← auth, accounts ← channels ←
// health, tokens, webhooks ← declarative, doctor ← commands ← cli. The sandbox and the client share
// only the table of Meta's operations.
const LAYERS = [
  ['shared'],
  ['secrets', 'profile', 'graph', 'ui'],
  ['auth', 'accounts'],
  ['channels'],
  ['health', 'tokens', 'webhooks'],
  ['declarative', 'doctor'],
  ['commands'],
  ['cli'],
];

const upwards = LAYERS.slice(0, -1).map((layer, index) => ({
  name: `${layer.join('-')}-imports-no-higher-layer`,
  severity: 'error',
  from: { path: `^src/(${layer.join('|')})/` },
  to: {
    path: `^src/(${LAYERS.slice(index + 1)
      .flat()
      .join('|')})/`,
  },
}));

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'imports-resolve',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^\\.\\./dist/' },
    },
    ...upwards,
    {
      name: 'accounts-import-no-channels-or-graph',
      severity: 'error',
      from: { path: '^src/accounts/' },
      to: { path: '^src/(channels|graph)/' },
    },
    {
      name: 'sandbox-imports-only-operations-and-shared',
      severity: 'error',
      from: { path: '^src/sandbox/' },
      to: { path: '^src/', pathNot: '^src/(sandbox|shared|graph/operations)/' },
    },
    {
      name: 'only-its-command-imports-the-sandbox',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(sandbox|commands/sandbox)/' },
      to: { path: '^src/sandbox/' },
    },
    {
      name: 'http-imports-no-terminal',
      severity: 'error',
      from: { path: '^src/(graph|auth|sandbox|webhooks)/' },
      to: { path: '^(src/ui/|node_modules/(@inquirer|chalk))' },
    },
    {
      name: 'terminal-imports-no-http',
      severity: 'error',
      from: { path: '^src/ui/' },
      to: { path: '^(src/(graph|auth)/|node_modules/(ky|undici))' },
    },
    {
      name: 'only-the-program-imports-cli',
      severity: 'error',
      from: { pathNot: '^src/((process|main)\\.ts$|cli/)' },
      to: { path: '^src/((process|main)\\.ts$|cli/)' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.js'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist' },
  },
};
