// Locates the build of version 0.1.0 that benchmarks compare with: the one at the path in BASELINE
// or, if that is not set, one built once from this repository.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const COMMIT = '6e8a702';
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CACHE = join(ROOT, 'node_modules', '.cache', 'channelctl-baseline');

export function baseline() {
  const { BASELINE } = process.env;
  if (BASELINE) return builtCopy(BASELINE);
  const folder = join(CACHE, COMMIT);
  try {
    if (!existsSync(folder)) build(folder);
    return builtCopy(folder);
  } catch (error) {
    return {
      program: null,
      reason: String(error.stderr || error.message)
        .trim()
        .split('\n')
        .at(-1),
    };
  }
}

function builtCopy(folder) {
  const built = existsSync(join(folder, 'dist', 'main.js'));
  if (!built) return { program: null, reason: `${folder} contains no build` };
  return { program: join(folder, 'bin', 'channelctl.js'), reason: null };
}

/**
 * Builds in a temporary folder and renames it once complete, so that an interrupted build is not
 * used.
 */
function build(folder) {
  const draft = `${folder}.${process.pid}`;
  const run = (cwd, program, ...args) =>
    execFileSync(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 2 ** 28 });
  process.stdout.write(`Building 0.1.0 (${COMMIT}); this happens only once.\n`);
  mkdirSync(draft, { recursive: true });
  try {
    const archive = join(draft, 'source.tar');
    run(ROOT, 'git', 'archive', '--output', archive, COMMIT);
    run(draft, 'tar', '-xf', archive);
    run(draft, 'npm', 'ci', '--no-audit', '--no-fund', '--ignore-scripts');
    run(draft, 'npm', 'run', 'build');
    rmSync(archive);
    renameSync(draft, folder);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}
