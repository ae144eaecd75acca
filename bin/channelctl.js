#!/usr/bin/env node
// A launcher. The version and a shell's completions are answered without loading the program.
import { readFileSync } from 'node:fs';

if (process.argv.length === 3 && process.argv[2] === '--version') {
  // A reader that is gone already is no fault.
  process.stdout.on('error', ({ code }) => {
    if (code !== 'EPIPE') process.exitCode = 1;
  });
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  process.stdout.write(`${JSON.parse(manifest).version}\n`);
} else if (process.argv[2] === '__complete') {
  await import('../dist/complete.js');
} else {
  const { runProcess } = await import('../dist/main.js');
  await runProcess();
}
