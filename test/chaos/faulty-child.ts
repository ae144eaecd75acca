import { inject } from './faults.ts';

// The program, started with the variables CHAOS_FOLDER and CHAOS_CALL: the process is killed at this
// call of a file function, after half of the data if the call writes some.

const { CHAOS_FOLDER: folder = '', CHAOS_CALL: at, ...env } = process.env;
inject({ folder, decide: (_call, index) => (index === Number(at) ? 'kill' : 'none') });
const { main } = await import('../../src/main.ts');
process.exitCode = await main({
  argv: process.argv.slice(2),
  env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  signal: new AbortController().signal,
  commits: new Set(),
  openInBrowser: () => Promise.reject(new Error('no browser')),
  nodeVersion: process.version,
  secretFileCost: { N: 2, r: 8, p: 1 },
});
