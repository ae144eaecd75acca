import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// Patches Node's file functions so that a call fails or ends the process. Import this module before
// the program, because some packages copy the functions when they are loaded.

export interface Call {
  name: string;
  path: string;
  /** Whether it can fail with ENOSPC. */
  needsSpace: boolean;
  /** Whether it writes data, half of which can arrive. */
  hasData: boolean;
}

/** What happens at a call: nothing, an error, or the end of the process. */
export type Fault = 'none' | 'kill' | { code: string };

interface Injection {
  /** Only calls on paths in this folder count. */
  folder: string;
  /** @param index that of the call, from 0 */
  decide(call: Call, index: number): Fault;
}

let injection: Injection | null = null;
let calls: Call[] = [];

/** Starts or, with null, ends an injection. Returns the calls of the previous one. */
export function inject(next: Injection | null): Call[] {
  const previous = calls;
  [injection, calls] = [next, []];
  return previous;
}

const SPACE = /^(?:writeFile|write|mkdir|link|symlink|copyFile|appendFile)(?:Sync)?$/;
const DATA = /^(?:writeFile|write)(?:Sync)?$/;
const OPENS = /^open(?:Sync)?$/;

function creates(flags: unknown): boolean {
  if (typeof flags === 'number') return (flags & fs.constants.O_CREAT) !== 0;
  return typeof flags === 'string' && /[wa]/.test(flags);
}

/** Returns the error of this call, undefined if it succeeds, or ends the process. */
function faultAt(
  name: string,
  paths: unknown[],
  args: unknown[],
  half: () => void,
): Error | undefined {
  const path = paths.find(
    (one) => typeof one === 'string' && one.startsWith(injection?.folder ?? '\0'),
  );
  if (injection === null || typeof path !== 'string') return undefined;
  const hasData = DATA.test(name);
  const needsSpace = SPACE.test(name) || (OPENS.test(name) && creates(args[1]));
  const call = { name, path, needsSpace, hasData };
  const current = injection;
  injection = null; // The decision may read files, and half of the data is written.
  const fault = current.decide(call, calls.length);
  if (fault !== 'none' && hasData) half();
  injection = current;
  calls.push(call);
  if (fault === 'none') return undefined;
  if (fault === 'kill') process.kill(process.pid, 'SIGKILL');
  const { code } = fault === 'kill' ? { code: 'EINTR' } : fault;
  return Object.assign(new Error(`${code}: injected, ${name} '${path}'`), {
    code,
    syscall: name,
    path,
  });
}

type Patchable = Record<string, unknown>;
type Function = (...args: unknown[]) => unknown;

function isFunction(value: unknown): value is Function {
  return typeof value === 'function';
}

const handles = new WeakMap<object, string>();
const descriptors = new Map<number, string>();

function firstHalf(data: unknown): Buffer {
  const bytes = data instanceof Uint8Array ? data : Buffer.from(String(data));
  return Buffer.from(bytes.subarray(0, bytes.length / 2));
}

const PROMISES = [
  ...['access', 'chmod', 'link', 'lchown', 'lstat', 'mkdir', 'open', 'readFile', 'readdir'],
  ...['readlink', 'realpath', 'rename', 'rm', 'stat', 'writeFile'],
];
const SYNC = [
  ...['accessSync', 'chmodSync', 'chownSync', 'closeSync', 'fsyncSync', 'lstatSync', 'mkdirSync'],
  ...['openSync', 'readFileSync', 'readdirSync', 'realpathSync', 'renameSync', 'statSync'],
  ...['unlinkSync', 'writeFileSync', 'writeSync'],
];
const HANDLE = ['chmod', 'chown', 'close', 'read', 'readFile', 'stat', 'write', 'writeFile'];

const { writeSync, closeSync, writeFileSync, rmSync } = fs;

function patchPromises(): void {
  const target: Patchable = { ...fs.promises };
  for (const name of PROMISES) {
    const original = target[name];
    if (!isFunction(original)) continue;
    Object.assign(fs.promises, {
      [name]: async (...args: unknown[]) => {
        const half = () =>
          writeFileSync(String(args[0]), firstHalf(args[1]), { flag: 'w', mode: 0o600 });
        const error = faultAt(name, args.slice(0, 2), args, half);
        if (error !== undefined) throw error;
        const result = await original.apply(fs.promises, args);
        if (name === 'open' && typeof result === 'object' && result !== null) {
          handles.set(result, String(args[0]));
        }
        return result;
      },
    });
  }
}

function patchSync(): void {
  const target: Patchable = { ...fs };
  for (const name of SYNC) {
    const original = target[name];
    if (!isFunction(original)) continue;
    const patched = (...args: unknown[]) => {
      const [first] = args;
      const paths = typeof first === 'number' ? [descriptors.get(first)] : args.slice(0, 2);
      const half = () => {
        if (typeof first === 'number') writeSync(first, firstHalf(args[1]));
        else writeFileSync(String(first), firstHalf(args[1]));
      };
      const error = faultAt(name, paths, args, half);
      if (error !== undefined) {
        if (name === 'closeSync' && typeof first === 'number') closeSync(first);
        throw error;
      }
      const result = original.apply(fs, args);
      if (name === 'openSync' && typeof result === 'number') descriptors.set(result, String(first));
      return result;
    };
    Object.assign(fs, { [name]: Object.assign(patched, original) });
  }
  const { existsSync, createReadStream } = fs;
  Object.assign(fs, {
    existsSync: (path: string) =>
      faultAt('existsSync', [path], [], () => {}) === undefined && existsSync(path),
    createReadStream: (path: string, ...rest: never[]) => {
      const error = faultAt('createReadStream', [path], [], () => {});
      const stream = createReadStream(path, ...rest);
      return error === undefined ? stream : stream.destroy(error);
    },
  });
}

/** Patches the methods of open files, which `fs/promises.open` returns. */
async function patchHandles(): Promise<void> {
  const file = await fs.promises.open(join(tmpdir(), `chaos-${process.pid}`), 'w');
  const prototype: Patchable = Object.getPrototypeOf(file);
  await file.close();
  rmSync(join(tmpdir(), `chaos-${process.pid}`));
  for (const name of HANDLE) {
    const original = prototype[name];
    if (!isFunction(original)) continue;
    prototype[name] = async function patched(this: { fd: number }, ...args: unknown[]) {
      const half = () => void writeSync(this.fd, firstHalf(args[0]));
      const error = faultAt(name, [handles.get(this)], args, half);
      if (error === undefined) return original.apply(this, args);
      if (name === 'close') await original.apply(this, args);
      throw error;
    };
  }
  const { readLines } = prototype;
  prototype.readLines = function patched(this: object, ...args: unknown[]) {
    const error = faultAt('readLines', [handles.get(this)], args, () => {});
    if (error !== undefined) return failingLines(error);
    return isFunction(readLines) ? readLines.apply(this, args) : undefined;
  };
}

// biome-ignore lint/correctness/useYield: It fails before the first line.
async function* failingLines(error: Error): AsyncGenerator<string> {
  throw error;
}

patchPromises();
patchSync();
await patchHandles();
syncBuiltinESMExports();
