import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ownerName } from '../../accounts/secrets.ts';
import type { Environment } from '../../profile/settings.ts';
import { mapLimited } from '../../shared/concurrency.ts';
import { systemCode } from '../../shared/errors.ts';
import { withoutLineEnd } from '../../shared/secrets.ts';
import { splitConfig } from './config.ts';
import type { Issue, Path } from './issue.ts';
import type { Document, Reference } from './schema.ts';

/**
 * Returns why the value of a known secret is invalid; undefined if it is valid or the secret is not
 * known.
 */
export type SecretCheck = (secret: DocumentSecret, value: string) => string | undefined;

export interface DocumentSecret {
  path: Path;
  /** The name of the owner: `messenger` or `messenger/fb-1065`. */
  owner: string;
  field: string;
  reference: Reference;
}

/** The environment in which references are resolved. */
export interface ReferenceSources {
  env: Environment;
  /** The base folder of relative paths and the working folder of commands. */
  folder: string;
  signal: AbortSignal;
}

/** The values of secrets, by `secretKey`. Secrets whose variable is not set are omitted. */
export type SecretValues = ReadonlyMap<string, string>;

const COMMAND_TIMEOUT_MS = 30_000;
const CONCURRENCY = 4;

export function secretKey({ owner, field }: { owner: string; field: string }): string {
  return `${owner} ${field}`;
}

/** Returns every secret that a document refers to, in document order. */
export function listSecrets({ integrations = [], accounts = [] }: Document): DocumentSecret[] {
  const lists = { integrations, accounts };
  return Object.entries(lists).flatMap(([list, owners]) =>
    owners.flatMap((one, index) =>
      [...splitConfig(one.config).references].map(([field, reference]) => ({
        path: [list, index, 'config', field],
        owner: ownerName(one),
        field,
        reference,
      })),
    ),
  );
}

/**
 * Resolves references and checks their values. Each command runs once, even if several references
 * use it.
 */
export async function resolveSecrets(
  secrets: readonly DocumentSecret[],
  sources: ReferenceSources,
  check: SecretCheck,
): Promise<{ values: SecretValues; issues: Issue[] }> {
  const values = new Map<string, string>();
  const issues: Issue[] = [];
  const commands = new Map<string, Promise<string>>();
  const runOnce = (argv: readonly string[]) => {
    const name = JSON.stringify(argv);
    const output = commands.get(name) ?? runCommand(argv, sources);
    commands.set(name, output);
    return output;
  };
  await mapLimited(secrets, CONCURRENCY, async (secret) => {
    const found = await resolveReference(secret.reference, sources, runOnce);
    if (found === null) return;
    const reason = 'reason' in found ? found.reason : check(secret, found.value);
    if (reason !== undefined) issues.push({ path: secret.path, reason });
    else if ('value' in found) values.set(secretKey(secret), found.value);
  });
  return { values, issues };
}

type ResolvedReference = { value: string } | { reason: string } | null;

async function resolveReference(
  reference: Reference,
  { env, folder }: ReferenceSources,
  runOnce: (argv: readonly string[]) => Promise<string>,
): Promise<ResolvedReference> {
  if ('env' in reference) {
    const value = withoutLineEnd(env[reference.env] ?? '');
    return value === '' ? null : { value };
  }
  try {
    const text =
      'file' in reference
        ? await readFile(resolve(folder, reference.file), 'utf8')
        : await runOnce(reference.command);
    const value = withoutLineEnd(text);
    return value === '' ? { reason: 'resolves to an empty string' } : { value };
  } catch (error) {
    const code = systemCode(error);
    const problem = 'file' in reference ? 'the file could not be read' : 'the command failed';
    // The reason omits the output of a command, which may contain the secret.
    return { reason: `cannot be resolved: ${problem}${code === undefined ? '' : ` (${code})`}` };
  }
}

function runCommand(
  argv: readonly string[],
  { env, folder, signal }: ReferenceSources,
): Promise<string> {
  const [program = '', ...args] = argv;
  return new Promise((resolveOutput, reject) => {
    const child = execFile(
      program,
      args,
      {
        env: { ...env },
        cwd: folder,
        signal,
        timeout: COMMAND_TIMEOUT_MS,
        encoding: 'utf8',
        windowsHide: true,
      },
      (error, stdout) => (error === null ? resolveOutput(stdout) : reject(commandError(error))),
    );
    // A program that reads from stdin must not wait for input.
    child.stdin?.end();
  });
}

/**
 * Replaces the error from execFile, whose message contains the whole command line. Its `code`
 * becomes the exit code or another short reason.
 */
function commandError({ code, killed }: { code?: unknown; killed?: boolean }): Error {
  const reason =
    killed === true ? `timed out after ${COMMAND_TIMEOUT_MS / 1000} s` : formatExit(code);
  return Object.assign(new Error('command failed'), { code: reason });
}

function formatExit(code: unknown): string {
  return typeof code === 'number' ? `exit code ${code}` : String(code ?? 'unknown');
}
