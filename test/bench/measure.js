import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const PROGRAM = fileURLToPath(new URL('../../bin/channelctl.js', import.meta.url));

// A process knows its peak memory only itself, so that it writes it to its standard error as it ends.
const REPORT_USAGE =
  "process.on('exit', () => console.error(JSON.stringify(process.resourceUsage())))";
const PRELOAD = ['--import', `data:text/javascript,${encodeURIComponent(REPORT_USAGE)}`];

/**
 * Runs the built program to its end.
 *
 * @param {string[]} args
 * @param {Record<string, string | undefined>} env
 * @returns {Promise<{ stdout: string, seconds: number, cpuSeconds: number, megabytes: number }>}
 *   `seconds` that passed; `cpuSeconds` of processor time, which a busy machine hardly stretches;
 *   `megabytes` of memory at the peak
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
      if (code !== 0) return reject(new Error(`${args[0]} ended with ${code}: ${stderr}`));
      const usage = JSON.parse(stderr.trim().split('\n').at(-1) ?? '');
      const cpuSeconds = (usage.userCPUTime + usage.systemCPUTime) / 1e6;
      return resolve({ stdout, seconds, cpuSeconds, megabytes: usage.maxRSS / 1024 });
    });
  });
}

/**
 * Prints a figure. One above its limit makes the process exit with 1.
 *
 * @param {string} name
 * @param {string} text the figure with its unit
 * @param {number} [value]
 * @param {number} [limit]
 */
export function report(name, text, value, limit) {
  const suffix = limit === undefined ? '' : `   limit ${limit}`;
  process.stdout.write(`${name.padEnd(28)} ${text.padStart(16)}${suffix}\n`);
  if (limit !== undefined && value > limit) process.exitCode = 1;
}
