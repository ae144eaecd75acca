import type { IncomingMessage } from 'node:http';
import { BodyCutOffError, chunksOf } from '../shared/loopback/body.ts';
import type { BoundedQueue } from './queue.ts';

export interface DeliveryBody {
  /** The whole body, or at least its first `MAX_UNSIGNED_BYTES`. */
  content: Buffer;
  bytes: number;
  reserved: number;
}

/** Meta's deliveries are smaller than 3 MB. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

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
  let isTooLarge = false;
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
    for await (const chunk of chunksOf(request, MAX_BODY_BYTES)) {
      isTooLarge ||= chunk === null;
      if (chunk === null || isFull) {
        drop();
        continue;
      }
      const part = isWhole ? chunk : chunk.subarray(0, Math.max(0, MAX_UNSIGNED_BYTES - bytes));
      bytes += chunk.length;
      if (part.length > 0) take(part.length);
      if (isFull) drop();
      // A part that is shorter than its chunk would keep the whole chunk in memory.
      else if (part.length > 0) chunks.push(part.length < chunk.length ? Buffer.from(part) : part);
    }
  } catch (error) {
    drop();
    if (!(error instanceof BodyCutOffError)) throw error;
  }
  if (isTooLarge) return 'too large';
  return isFull ? 'no room' : { content: Buffer.concat(chunks), bytes, reserved };
}

/** Returns the printed part of an unsigned body as a string, without splitting a character. */
export function prefixOf(content: Buffer, bytes: number): string {
  const start = content.subarray(0, MAX_UNSIGNED_BYTES);
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  return decoder.decode(start, { stream: bytes > start.length });
}
