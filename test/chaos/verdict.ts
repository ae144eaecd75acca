import { EXIT_CODES } from '../../src/shared/errors.ts';
import type { Run } from '../support/cli.ts';

const DOCUMENTED = [0, 2, 3, 4, 5, 6, 7, 8, 130];
const STACK = /^\s+at .+:\d+:\d+\)?$|node:internal/m;
const INVISIBLE = /[^\n\t\P{Cc}]|[\p{Bidi_Control}\u2028\u2029]/u;
const ERROR_KEYS = 'kind,message,hint,graph';
/** The kinds of results with problems, which are on stdout instead of an error. */
const RESULT_KINDS = ['graph', 'unhealthy', 'not_allowed', 'storage'] as const;
const RESULT_CODES: readonly (number | null)[] = RESULT_KINDS.map((kind) => EXIT_CODES[kind]);

/**
 * Returns the rule for the exit and output of every command that the run violates; null if it
 * violates none.
 */
export function problemOf(run: Run, { json }: { json: boolean }): string | null {
  const { code, stdout, stderr } = run;
  if (code === null || !DOCUMENTED.includes(code)) return `exit ${code}`;
  if (STACK.test(stderr) || STACK.test(stdout)) return 'a stack trace';
  if (INVISIBLE.test(stderr)) return 'control characters on stderr';
  if (INVISIBLE.test(stdout)) return 'control characters on stdout';
  if (!json) return code !== 0 && stderr === '' && !RESULT_CODES.includes(code) ? 'no error' : null;
  return code === 0 ? problemOfSuccess(run) : problemOfFailure(run);
}

function problemOfSuccess({ stdout, stderr }: Run): string | null {
  if (errorsIn(stderr).length > 0) return 'an error object after a success';
  if (/^[[{]/.test(stdout) && !isJson(stdout)) return 'stdout is not JSON';
  return null;
}

function problemOfFailure({ code, stdout, stderr }: Run): string | null {
  const lines = stderr.trimEnd().split('\n');
  const errors = errorsIn(stderr);
  if (errors.length > 1) return 'several error objects';
  const [error] = errors;
  if (error === undefined) {
    return RESULT_CODES.includes(code) && isJson(stdout) ? null : 'neither an error nor a result';
  }
  if (objectIn(lines.at(-1) ?? '')?.error === undefined) return 'the error is not the last line';
  if (Object.keys(error).join() !== ERROR_KEYS) return 'unexpected keys of the error';
  const kind = Object.entries(EXIT_CODES).find(([name]) => name === error.kind);
  if (kind?.[1] !== code) return `the kind ${error.kind} with exit ${code}`;
  if (typeof error.message !== 'string' || error.message === '') return 'no message';
  // An interrupted command, or one that a full disk ends, prints what it has done.
  return stdout === '' || isJson(stdout) ? null : 'stdout is not JSON';
}

function errorsIn(stderr: string): Record<string, unknown>[] {
  return stderr.split('\n').flatMap((line) => {
    const error = objectIn(line)?.error;
    return typeof error === 'object' && error !== null ? [{ ...error }] : [];
  });
}

function objectIn(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
