import { storageError, systemCode } from '../../../shared/errors.ts';
import { isObject } from '../../../shared/json.ts';
import type { Environment } from '../../settings.ts';

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

interface Expiring extends Credentials {
  /** Milliseconds since the epoch; infinite if they do not expire. */
  expires: number;
}

/** Credentials that expire sooner are renewed, so that they last for a request. */
const MARGIN_MS = 60_000;
const TIME_LIMIT_MS = 30_000;
const EXPORT = ['aws', 'configure', 'export-credentials', '--format', 'process'] as const;

/**
 * Returns a function that finds the credentials: the variables or, if these are not set, the AWS
 * command-line interface, which knows profiles, single sign-on and roles.
 *
 * @param run runs a program and returns its output
 */
export function credentialsFrom(
  env: Environment,
  run: (argv: readonly string[], timeLimitMs: number) => Promise<Buffer>,
): () => Promise<Credentials> {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = env;
  if (AWS_ACCESS_KEY_ID && AWS_SECRET_ACCESS_KEY) {
    const found: Credentials = {
      accessKeyId: AWS_ACCESS_KEY_ID,
      secretAccessKey: AWS_SECRET_ACCESS_KEY,
      ...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }),
    };
    return () => Promise.resolve(found);
  }
  let exported: Promise<Expiring> | undefined;
  return async () => {
    const known = await exported;
    if (known !== undefined && known.expires - MARGIN_MS > Date.now()) return known;
    exported = exportCredentials(run);
    return exported;
  };
}

async function exportCredentials(
  run: (argv: readonly string[], timeLimitMs: number) => Promise<Buffer>,
): Promise<Expiring> {
  let output: Buffer;
  try {
    output = await run(EXPORT, TIME_LIMIT_MS);
  } catch (error) {
    const code = systemCode(error) ?? 'unknown';
    throw missing(
      code === 'ENOENT'
        ? 'The variables are not set, and the AWS command-line interface is not installed.'
        : `The variables are not set, and ${EXPORT.join(' ')} failed: ${code}.`,
    );
  }
  const value = parse(output);
  if (value === null) throw missing(`${EXPORT.join(' ')} returned no credentials.`);
  return value;
}

function parse(output: Buffer): Expiring | null {
  try {
    const value: unknown = JSON.parse(output.toString('utf8'));
    if (!isObject(value)) return null;
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = value;
    if (typeof AccessKeyId !== 'string' || typeof SecretAccessKey !== 'string') return null;
    return {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      ...(typeof SessionToken === 'string' && { sessionToken: SessionToken }),
      expires: typeof Expiration === 'string' ? Date.parse(Expiration) : Number.POSITIVE_INFINITY,
    };
  } catch {
    return null;
  }
}

function missing(reason: string) {
  return storageError('The credentials for S3 are missing.', {
    reason,
    hint: 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run: aws configure export-credentials',
  });
}
