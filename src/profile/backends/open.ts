import type { Environment } from '../settings.ts';
import { parseAddress } from './address.ts';
import type { Backend } from './backend.ts';
import type { Fetch } from './s3/s3-client.ts';

export interface BackendOptions {
  env: Environment;
  warn(message: string, hint: string): void;
  /** Returns the function that sends requests, through a proxy if necessary. */
  fetchFor(url: URL): Fetch;
  /** Runs a program without a shell, and returns its output. */
  runProgram(argv: readonly string[], timeLimitMs: number): Promise<Buffer>;
  /** Called with each secret that must not be shown. */
  onSecret(secret: string): void;
}

/**
 * Returns the backend for an address of shared state, and loads its modules. Does not connect.
 *
 * @param name the setting or variable that contains the address
 * @throws ChannelctlError `usage` for an invalid address
 */
export async function openBackend(
  value: string,
  name: string,
  options: BackendOptions,
): Promise<Backend> {
  const address = parseAddress(value, name);
  if (address.kind === 'postgres') {
    const { openPostgres } = await import('./postgres/postgres-backend.ts');
    return openPostgres(address, options);
  }
  const [{ openS3 }, { credentialsFrom }] = await Promise.all([
    import('./s3/s3-backend.ts'),
    import('./s3/credentials.ts'),
  ]);
  const { env, fetchFor, runProgram } = options;
  const region = address.region || env.AWS_REGION || env.AWS_DEFAULT_REGION || 'us-east-1';
  const find = credentialsFrom(env, runProgram);
  const credentials = async () => {
    const found = await find();
    options.onSecret(found.secretAccessKey);
    if (found.sessionToken !== undefined) options.onSecret(found.sessionToken);
    return found;
  };
  return openS3(address, { fetchFor, credentials, region });
}
