#!/usr/bin/env node
// The launcher. It handles --version and shell completion without loading the program. It uses only
// Node.js 12 syntax, so that old versions show the message below instead of a syntax error.
import { readFileSync } from 'node:fs';

const [major, minor] = process.versions.node.split('.').map(Number);

// These versions must match `engines` in package.json.
if (!((major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22)) {
  process.stderr.write(
    `channelctl requires Node.js 20 (20.19 or later), or Node.js 22.12 or later. This is Node.js ${process.versions.node}.\n`,
  );
  process.exitCode = 1;
} else if (process.argv.length === 3 && process.argv[2] === '--version') {
  // A closed pipe is not an error. On Windows, its code is EOF.
  process.stdout.on('error', ({ code }) => {
    if (code !== 'EPIPE' && code !== 'EOF') process.exitCode = 1;
  });
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  process.stdout.write(`${JSON.parse(manifest).version}\n`);
} else if (process.argv[2] === '__complete') {
  import('../dist/complete.js');
} else {
  import('../dist/main.js').then(({ runProcess }) => runProcess());
}
