import { constants, open, realpath } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { ownerName } from '../../accounts/secrets.ts';
import type { Environment } from '../../profile/settings.ts';
import { mapLimited } from '../../shared/concurrency.ts';
import { systemCode } from '../../shared/errors.ts';
import { runSecretCommand } from '../../shared/secret-command.ts';
import { withoutLineEnd } from '../../shared/secrets.ts';
import { decodeText } from '../../shared/text.ts';
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
  owner: string;
  field: string;
  reference: Reference;
}

export interface ReferenceSources {
  env: Environment;
  folder: string;
  signal: AbortSignal;
  allow: AllowedReferences;
  /** How long a command may take; 30 seconds if omitted. */
  timeLimitMs?: number;
}

/** The references to resolve besides variables and files in the folder of the document. */
export interface AllowedReferences {
  commands: boolean;
  files: boolean;
}

/** The values of secrets, by `secretKey`. Secrets whose variable is not set are omitted. */
export type SecretValues = ReadonlyMap<string, string>;

export interface ResolvedSecrets {
  values: Map<string, string>;
  issues: Issue[];
  /** Secrets that are not resolved, because their reference is not allowed. */
  withheld: DocumentSecret[];
  empty: DocumentSecret[];
}

const TIME_LIMIT_MS = 30_000;
const CONCURRENCY = 4;
const MAX_FILE_BYTES = 1024 * 1024;

export function secretKey({ owner, field }: { owner: string; field: string }): string {
  return `${owner} ${field}`;
}

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
): Promise<ResolvedSecrets> {
  const commands = new Map<string, Promise<Buffer>>();
  const { timeLimitMs = TIME_LIMIT_MS } = sources;
  const runOnce = (argv: readonly string[]) => {
    const name = JSON.stringify(argv);
    const output = commands.get(name) ?? runSecretCommand(argv, { ...sources, timeLimitMs });
    commands.set(name, output);
    return output;
  };
  const found = await mapLimited(secrets, CONCURRENCY, (secret) =>
    resolveReference(secret.reference, sources, runOnce),
  );
  const resolved: ResolvedSecrets = { values: new Map(), issues: [], withheld: [], empty: [] };
  for (const [index, secret] of secrets.entries()) {
    const result = found[index];
    if (result === undefined || result === 'unset') continue;
    if (result === 'withheld') resolved.withheld.push(secret);
    else if (result === 'empty') resolved.empty.push(secret);
    else {
      const reason = 'reason' in result ? result.reason : valueProblem(secret, result.value, check);
      if (reason !== undefined) resolved.issues.push({ path: secret.path, reason });
      else if ('value' in result) resolved.values.set(secretKey(secret), result.value);
    }
  }
  return resolved;
}

function valueProblem(
  secret: DocumentSecret,
  value: string,
  check: SecretCheck,
): string | undefined {
  const problem = check(secret, value);
  return problem === undefined ? undefined : `(from ${sourceOf(secret.reference)}) ${problem}`;
}

function sourceOf(reference: Reference): string {
  if ('env' in reference) return `the variable ${reference.env}`;
  return 'file' in reference ? `the file ${reference.file}` : 'the output of its command';
}

type ResolvedReference = { value: string } | { reason: string } | 'unset' | 'empty' | 'withheld';

async function resolveReference(
  reference: Reference,
  { env, folder, allow }: ReferenceSources,
  runOnce: (argv: readonly string[]) => Promise<Buffer>,
): Promise<ResolvedReference> {
  if ('env' in reference) {
    const text = env[reference.env];
    if (text === undefined) return 'unset';
    const value = withoutLineEnd(text);
    return value === '' ? 'empty' : { value };
  }
  const isFile = 'file' in reference;
  const path = isFile ? resolve(folder, reference.file) : '';
  const content = isFile ? `the file ${path}` : `the output of ${reference.command[0]}`;
  try {
    if (!isFile && !allow.commands) return 'withheld';
    if (isFile && !allow.files && (await isOutside(folder, path))) return 'withheld';
    const bytes = isFile ? await readRegularFile(path) : await runOnce(reference.command);
    const value = withoutLineEnd(decodeText(bytes));
    return value === '' ? { reason: `cannot be resolved: ${content} is empty` } : { value };
  } catch (error) {
    if (error instanceof TypeError) {
      return { reason: `cannot be resolved: ${content} is neither UTF-8 nor UTF-16 text` };
    }
    const problem = isFile ? `${content} could not be read` : `${reference.command[0]} failed`;
    // The reason omits the output of a command, which may contain the secret.
    return { reason: `cannot be resolved: ${problem} (${systemCode(error) ?? 'unknown error'})` };
  }
}

/** Whether a file is outside a folder, even if only because of a symbolic link. */
async function isOutside(folder: string, path: string): Promise<boolean> {
  if (leadsOut(relative(folder, path))) return true;
  return leadsOut(relative(await realpath(folder), await realpath(path)));
}

function leadsOut(path: string): boolean {
  return path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path);
}

/** Reads a regular file. A device or a named pipe might never end. */
async function readRegularFile(path: string): Promise<Buffer> {
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const status = await file.stat();
    if (!status.isFile()) throw readError('not a regular file');
    if (status.size > MAX_FILE_BYTES) throw readError('larger than 1 MB');
    return await file.readFile();
  } finally {
    await file.close();
  }
}

function readError(code: string): Error {
  return Object.assign(new Error(code), { code });
}
