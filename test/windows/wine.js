// Sets up a Windows with Wine, in a folder of its own, and runs programs in it.
import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const FOLDERS = ['/usr/lib/wine', ...(process.env.PATH ?? '').split(':')];
const LINKER = find('x86_64-w64-mingw32-ld');
const LOADER = find('wine64') ?? find('wine');
const SERVER = find('wineserver64') ?? find('wineserver');
/** Forwards the only function of the library that Rust programs need. */
const RANDOM_LIBRARY = [
  'LIBRARY bcryptprimitives.dll',
  'EXPORTS',
  '  ProcessPrng = advapi32.SystemFunction036',
  '',
].join('\n');

/** Returns why Wine cannot be used on this machine; null if it can. */
export function wineProblem() {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'it requires Linux on x64';
  if (LOADER === null || SERVER === null) return 'Wine is not installed (Debian: wine64)';
  return LINKER === null
    ? 'the linker for Windows is not installed (Debian: binutils-mingw-w64-x86-64)'
    : null;
}

/** A Windows installation in `folder`, which need not exist yet. */
export class Windows {
  #env;
  #folder;

  constructor(folder) {
    this.#folder = folder;
    const { PATH, HOME, TMPDIR } = process.env;
    this.#env = {
      PATH,
      HOME,
      ...(TMPDIR === undefined ? {} : { TMPDIR }),
      // File names are in UTF-8.
      LC_ALL: 'C.UTF-8',
      WINEPREFIX: folder,
      WINEDEBUG: '-all',
      // Without these, Wine asks to install Mono and Gecko.
      WINEDLLOVERRIDES: 'mscoree,mshtml=',
    };
  }

  /** The path of drive C: on this machine. */
  get drive() {
    return join(this.#folder, 'drive_c');
  }

  async create() {
    await run(LOADER, ['wineboot', '--init'], { env: this.#env });
    await run(LOADER, ['winecfg', '-v', 'win10'], { env: this.#env });
    const library = join(this.drive, 'windows', 'system32', 'bcryptprimitives.dll');
    if (existsSync(library)) return; // Wine 8 does not have it, Wine 10 does.
    const definition = join(this.#folder, 'bcryptprimitives.def');
    writeFileSync(definition, RANDOM_LIBRARY);
    await run(LINKER, ['-shared', '--entry=0', definition, '-o', library]);
  }

  /** How to start a program on a terminal of this machine. */
  command(program, args, env = {}) {
    return {
      file: LOADER,
      args: [program, ...args],
      env: { ...this.#env, ...env },
      cwd: this.drive,
    };
  }

  /**
   * Runs a program and returns its output. The output goes to a file in between, because Node.js
   * cannot use pipes of this machine in Wine.
   *
   * @throws Error with the output if the program fails or takes longer than `timeoutMs`
   */
  async run(program, args, timeoutMs) {
    const log = join(this.#folder, `${randomUUID()}.txt`);
    const file = openSync(log, 'w');
    const child = spawn(LOADER, [program, ...args], {
      env: this.#env,
      cwd: this.drive,
      stdio: ['ignore', file, file],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    closeSync(file);
    const [code, signal] = await once(child, 'exit');
    const output = readFileSync(log, 'utf8');
    if (code === 0) return output;
    const ending = signal === null ? `exit code ${code}` : `over ${timeoutMs / 1000} seconds`;
    throw new Error(`${output}\n${[program, ...args].join(' ')}: ${ending}`);
  }

  /** Ends all programs of this Windows. */
  async stop() {
    await run(SERVER, ['--kill'], { env: this.#env }).catch(() => {}); // It may not be running.
    await run(SERVER, ['--wait'], { env: this.#env }).catch(() => {});
  }
}

function find(name) {
  return FOLDERS.map((folder) => join(folder, name)).find(existsSync) ?? null;
}
