import type { IncomingMessage } from 'node:http';
import type { BoundedQueue } from './queue.ts';

export interface DeliveryBody {
  /** The whole body, or at least its first `MAX_UNSIGNED_BYTES`. */
  content: Buffer;
  bytes: number;
  reserved: number;
}

/** Meta's deliveries are smaller than 3 MB. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** A larger body is not read to the end, so its client may not see the response. */
const MAX_READ_BYTES = 64 * MAX_BODY_BYTES;

/** The maximum number of bytes that are printed of a body without a valid signature. */
const MAX_UNSIGNED_BYTES = 1024;

/**
 * Reads the body of a delivery.
 *
 * @param wanted `overhead` is the number of bytes to reserve besides the body; unless `isWhole`,
 *   only the beginning of the body is returned
 * @throws Error if the client disconnects
 */
export async function readDelivery(
  request: IncomingMessage,
  { overhead, isWhole }: { overhead: number; isWhole: boolean },
  room: Pick<BoundedQueue<never>, 'reserve' | 'release'>,
): Promise<DeliveryBody | 'too large' | 'no room'> {
  let reserved = 0;
  let isFull = false;
  let chunks: Buffer[] = [];
  let bytes = 0;
  const take = (size: number) => {
    if (room.reserve(size)) reserved += size;
    else isFull = true;
  };
  const drop = () => {
    room.release(reserved);
    reserved = 0;
    chunks = [];
  };
  take(overhead);
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      const part = isWhole ? chunk : chunk.subarray(0, Math.max(0, MAX_UNSIGNED_BYTES - bytes));
      bytes += chunk.length;
      // Reading continues, because a client that is cut off while sending does not see the response.
      if (bytes > MAX_READ_BYTES) break;
      if (!isFull && part.length > 0) take(part.length);
      if (isFull || bytes > MAX_BODY_BYTES) drop();
      // A part that is shorter than its chunk would keep the whole chunk in memory.
      else if (part.length > 0) chunks.push(part.length < chunk.length ? Buffer.from(part) : part);
    }
  } catch (error) {
    drop();
    throw error;
  }
  if (bytes <= MAX_BODY_BYTES && !isFull)
    return { content: Buffer.concat(chunks), bytes, reserved };
  drop();
  return bytes > MAX_BODY_BYTES ? 'too large' : 'no room';
}

/** Returns the printed part of an unsigned body as a string, without splitting a character. */
export function prefixOf(content: Buffer, bytes: number): string {
  const start = content.subarray(0, MAX_UNSIGNED_BYTES);
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  return decoder.decode(start, { stream: bytes > start.length });
}
