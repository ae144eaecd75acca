// Imports run one way: shared ← secrets, profile, graph, ui ← auth, accounts ← channels ← health,
// tokens, webhooks ← declarative, doctor ← commands ← cli. The sandbox shares only the table of
// Meta's operations with the client.
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
  name: `${layer.join('-')}-imports-nothing-above`,
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
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'resolves',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^\\.\\./dist/' },
    },
    ...upwards,
    {
      name: 'accounts-know-no-channel-and-no-graph',
      severity: 'error',
      from: { path: '^src/accounts/' },
      to: { path: '^src/(channels|graph)/' },
    },
    {
      name: 'sandbox-shares-only-the-operations',
      severity: 'error',
      from: { path: '^src/sandbox/' },
      to: { path: '^src/', pathNot: '^src/(sandbox|shared|graph/operations)/' },
    },
    {
      name: 'only-its-command-starts-the-sandbox',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(sandbox|commands/sandbox)/' },
      to: { path: '^src/sandbox/' },
    },
    {
      name: 'http-knows-no-terminal',
      severity: 'error',
      from: { path: '^src/(graph|auth|sandbox|webhooks)/' },
      to: { path: '^(src/ui/|node_modules/(@inquirer|chalk|cli-table3))' },
    },
    {
      name: 'terminal-knows-no-http',
      severity: 'error',
      from: { path: '^src/ui/' },
      to: { path: '^(src/(graph|auth)/|node_modules/(ky|undici))' },
    },
    {
      name: 'nothing-imports-the-program',
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
