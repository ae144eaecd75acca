// Imports run one way: commands → declarative → channels → graph, signin, state, secrets → shared.
// `sandbox` stands beside the client and shares only Meta's table of operations with it.
const below = (from, allowed) => ({
  name: `${from}-imports-only-what-is-below`,
  severity: 'error',
  from: { path: `^src/${from}/` },
  to: { path: '^src/', pathNot: `^src/(${[from, ...allowed].join('|')})/` },
});

module.exports = {
  forbidden: [
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'resolves',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^\\.\\./dist/' },
    },
    below('shared', []),
    below('state', ['shared']),
    below('secrets', ['shared']),
    below('graph', ['shared']),
    below('signin', ['shared']),
    below('output', ['shared']),
    below('webhooks', ['graph', 'shared']),
    below('completion', ['state', 'shared']),
    below('terminal', ['shared']),
    below('sandbox', ['graph', 'shared']),
    below('channels', ['graph', 'state', 'shared']),
    below('declarative', ['channels', 'graph', 'state', 'shared']),
    below('doctor', ['channels', 'graph', 'state', 'signin', 'shared']),
    {
      name: 'http-knows-no-terminal',
      severity: 'error',
      from: { path: '^src/(graph|signin|sandbox|webhooks)/' },
      to: { path: '^(src/(terminal|output)/|node_modules/(inquirer|@inquirer|chalk|cli-table3))' },
    },
    {
      name: 'terminal-knows-no-http',
      severity: 'error',
      from: { path: '^src/(terminal|output)/' },
      to: { path: '^(src/(graph|signin)/|node_modules/(ky|undici))' },
    },
    {
      name: 'nothing-imports-the-program',
      severity: 'error',
      from: { pathNot: '^src/(process|main|program|command-table)\\.ts$' },
      to: { path: '^src/(process|main|program)\\.ts$' },
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
