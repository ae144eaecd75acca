// Installs the packed program as a user does, and runs the demo with it on each Node.js line that
// package.json promises. The binaries come from the npm registry.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DEMO = join(ROOT, 'test', 'demo', 'run.js');
const LINES = ['20.19', '22', '24', '26'];

const folder = mkdtempSync(join(tmpdir(), 'channelctl-node-lines-'));
try {
  const app = installPacked();
  const program = join(app, 'node_modules', 'channelctl', 'bin', 'channelctl.js');
  for (const line of LINES) {
    const node = installNode(line);
    run(node, ['-e', 'require("@napi-rs/keyring")'], app);
    run(node, [DEMO, program], app);
    process.stdout.write(`Node.js ${run(node, ['--version'], app).trim()}: works\n`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function installPacked() {
  const app = join(folder, 'app');
  mkdirSync(app);
  const packed = pack(['--ignore-scripts'], ROOT);
  writeFileSync(join(app, 'package.json'), '{"private":true}');
  run('npm', ['install', '--silent', '--no-audit', '--no-fund', packed], app);
  return app;
}

/** Returns the path of the newest Node.js of a line. */
function installNode(line) {
  const place = join(folder, line);
  mkdirSync(place);
  const packed = pack([`node-${process.platform}-${process.arch}@${line}`], place);
  run('tar', ['xzf', packed, 'package/bin/node'], place);
  return join(place, 'package', 'bin', 'node');
}

/** Returns the path of the archive that `npm pack` creates. */
function pack(args, cwd) {
  const [{ filename }] = JSON.parse(
    run('npm', ['pack', '--json', '--pack-destination', folder, ...args], cwd),
  );
  return join(folder, filename);
}

function run(program, args, cwd) {
  return execFileSync(program, args, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}
