import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const PROGRAM = fileURLToPath(new URL('../../bin/channelctl.js', import.meta.url));

// Only the process itself can read its peak memory, so it prints its usage to stderr on exit.
const REPORT_USAGE =
  "process.on('exit', () => console.error(JSON.stringify(process.resourceUsage())))";
const PRELOAD = ['--import', `data:text/javascript,${encodeURIComponent(REPORT_USAGE)}`];

/**
 * Runs the built program and waits for it to exit.
 *
 * @param {string[]} args
 * @param {Record<string, string | undefined>} env
 * @returns {Promise<{ stdout: string, seconds: number, cpuSeconds: number, megabytes: number }>}
 *   `seconds` is elapsed time; `cpuSeconds` is processor time, which depends less on the load of
 *   the machine; `megabytes` is peak memory
 * @throws {Error} if the exit code is not 0
 */
export function measure(args, env) {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(process.execPath, [...PRELOAD, PROGRAM, ...args], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk) => {
      stderr += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      const seconds = (performance.now() - start) / 1000;
      if (code !== 0) return reject(new Error(`${args[0]} exited with ${code}: ${stderr}`));
      const usage = JSON.parse(stderr.trim().split('\n').at(-1) ?? '');
      const cpuSeconds = (usage.userCPUTime + usage.systemCPUTime) / 1e6;
      return resolve({ stdout, seconds, cpuSeconds, megabytes: usage.maxRSS / 1024 });
    });
  });
}

/**
 * Prints a result. If it exceeds its limit, the process will exit with 1.
 *
 * @param {string} name
 * @param {string} text the result with its unit
 * @param {number} [value]
 * @param {number} [limit]
 */
export function report(name, text, value, limit) {
  const suffix = limit === undefined ? '' : `   limit ${limit}`;
  process.stdout.write(`${name.padEnd(28)} ${text.padStart(16)}${suffix}\n`);
  if (limit !== undefined && value > limit) process.exitCode = 1;
}
