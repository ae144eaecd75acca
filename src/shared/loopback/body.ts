import type { IncomingMessage } from 'node:http';

/**
 * A body of up to this many times the limit is read to the end, because a client that is cut off
 * while sending does not see the response.
 */
const MAX_OVERSIZE = 64;

export class BodyCutOffError extends Error {}

/**
 * Yields the chunks of a body and, instead of each one beyond `maxBytes`, null. A body that is far
 * larger is cut off.
 *
 * @throws BodyCutOffError if the body is cut off, so that no response is possible; Error if the
 *   client disconnects
 */
export async function* chunksOf(
  request: IncomingMessage,
  maxBytes: number,
): AsyncGenerator<Buffer | null> {
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    yield size > maxBytes ? null : chunk;
    if (size > maxBytes * MAX_OVERSIZE) {
      request.destroy();
      throw new BodyCutOffError('The body is far too large.');
    }
  }
}

/**
 * Returns the whole body of a request; null if the body is larger than `maxBytes`.
 *
 * @throws Error if the client disconnects
 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let isTooLarge = false;
  for await (const chunk of chunksOf(request, maxBytes)) {
    if (chunk === null) isTooLarge = true;
    else chunks.push(chunk);
  }
  return isTooLarge ? null : Buffer.concat(chunks);
}
