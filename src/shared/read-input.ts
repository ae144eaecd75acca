import { cancelledError, usageError } from './errors.ts';
import { decodeInput } from './text.ts';

const MAX_INPUT_BYTES = 32 * 1024 * 1024;

/**
 * Reads text from a file or from stdin, which may be a device that never ends, such as /dev/zero.
 *
 * @param name the source of the text, for errors
 * @throws ChannelctlError `usage` if the input is larger than 32 MB or is not valid text,
 *   `cancelled` if the signal is aborted
 */
export async function readInput(
  source: AsyncIterable<Uint8Array | string>,
  name: string,
  signal?: AbortSignal,
): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of source) {
    if (signal?.aborted) throw cancelledError();
    chunks.push(Buffer.from(chunk));
    bytes += chunk.length;
    if (bytes > MAX_INPUT_BYTES) throw usageError(`${name} is larger than 32 MB.`);
  }
  return decodeInput(Buffer.concat(chunks), name);
}
