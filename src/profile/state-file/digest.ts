import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { fileError } from '../../shared/file-errors.ts';
import { isMissing } from '../../shared/links.ts';

export function digestOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * Returns the digest of the file's content; null if the file does not exist.
 *
 * @throws ChannelctlError `storage`
 */
export async function digestOfFile(path: string): Promise<string | null> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk);
  } catch (error) {
    if (isMissing(error, path)) return null;
    throw fileError('read', path, error);
  }
  return hash.digest('hex');
}
