import { type FileHandle, open } from 'node:fs/promises';
import { whileBusy } from '../../shared/busy-files.ts';
import { ChannelctlError, systemCode } from '../../shared/errors.ts';
import { fileError } from '../../shared/file-errors.ts';

const CHUNK_BYTES = 256 * 1024;

/** The rest of a longer line is skipped. */
const MAX_LINE_BYTES = 32 * 1024 * 1024;

const NEWLINE = 10;

/**
 * Yields the lines of a file that are not empty; none if the file does not exist.
 *
 * @throws ChannelctlError `storage`
 */
export async function* readLines(path: string): AsyncGenerator<string> {
  try {
    const file = await whileBusy(() => open(path));
    try {
      yield* linesIn(file);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return;
    throw error instanceof ChannelctlError ? error : fileError('read', path, error);
  }
}

async function* linesIn(file: FileHandle): AsyncGenerator<string> {
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  const unfinished = new UnfinishedLine();
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, null);
    if (bytesRead === 0) break;
    const chunk = buffer.subarray(0, bytesRead);
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const line = unfinished.finish(chunk.subarray(start, end));
      if (line !== '') yield line;
      start = end + 1;
    }
    unfinished.add(chunk.subarray(start));
  }
  const last = unfinished.finish(Buffer.alloc(0));
  if (last !== '') yield last;
}

class UnfinishedLine {
  #parts: Buffer[] = [];
  #length = 0;

  add(part: Buffer): void {
    const fitting = part.subarray(0, MAX_LINE_BYTES - this.#length);
    this.#length += fitting.length;
    if (fitting.length > 0) this.#parts.push(Buffer.from(fitting));
  }

  /** Returns the line that ends with this part, and begins the next one. */
  finish(part: Buffer): string {
    if (this.#parts.length === 0) return withoutCarriageReturn(part.toString('utf8'));
    this.add(part);
    const line = Buffer.concat(this.#parts).toString('utf8');
    this.#parts = [];
    this.#length = 0;
    return withoutCarriageReturn(line);
  }
}

function withoutCarriageReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}
