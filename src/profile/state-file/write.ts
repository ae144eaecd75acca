import { createReadStream } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import Conf from 'conf';
import { replaceWith } from '../../shared/replace-file.ts';
import type { ProfileState } from '../types.ts';
import { digestOf } from './digest.ts';
import { assertSize } from './read.ts';
import { findSchemaError } from './schema.ts';

/**
 * Replaces the state file atomically, and preserves its owner and mode. Requires the profile's lock
 * and an existing folder.
 *
 * conf ignores a short write, which happens on a full disk, and copies its own keys from an
 * existing file. Therefore, conf writes to a new file, which is read back before it replaces the
 * old one.
 *
 * @param beforeCommit called with the digest of the new content, before it replaces the old one
 * @throws ChannelctlError `storage`, or TypeError for an invalid state; the file is then unchanged
 */
export async function writeState(
  path: string,
  state: ProfileState,
  beforeCommit: (digest: string) => Promise<void> = async () => {},
): Promise<void> {
  const error = findSchemaError({ ...state });
  if (error !== null) throw new TypeError(`Invalid new state: ${error}.`);
  const write = async (draft: string) => {
    await removeAll(draft);
    try {
      const bytes = encode(path, state);
      writeWithConf(draft, state, bytes);
      await assertContent(draft, bytes);
      await beforeCommit(digestOf(bytes));
    } catch (error) {
      await removeAll(draft).catch(() => undefined);
      throw error;
    }
  };
  await replaceWith(path, write, { isSecret: false });
}

/**
 * Serializes the state into one buffer: as a string, thousands of accounts would be in memory three
 * times during the write.
 */
function encode(path: string, state: ProfileState): Buffer {
  let size = 0;
  for (const piece of serialize(state)) size += Buffer.byteLength(piece);
  assertSize(path, size);
  const bytes = Buffer.allocUnsafe(size);
  let end = 0;
  for (const piece of serialize(state)) end += bytes.write(piece, end);
  return bytes;
}

/**
 * Yields `JSON.stringify(state, null, 2)` and a line break, in pieces: one per value or, in a list,
 * per item.
 */
function* serialize(state: object): Generator<string> {
  const indented = (value: unknown, spaces: string) =>
    JSON.stringify(value, null, 2).replaceAll('\n', `\n${spaces}`);
  let separator = '{\n';
  for (const [key, value] of Object.entries(state)) {
    if (value === undefined) continue;
    yield `${separator}  ${JSON.stringify(key)}: `;
    separator = ',\n';
    if (Array.isArray(value) && value.length > 0) {
      for (const [index, item] of value.entries()) {
        yield `${index === 0 ? '[' : ','}\n    ${indented(item, '    ')}`;
      }
      yield '\n  ]';
    } else yield indented(value, '  ');
  }
  yield '\n}\n';
}

function writeWithConf(path: string, state: ProfileState, bytes: Buffer): void {
  const conf = new Conf<ProfileState>({
    cwd: dirname(path),
    configName: basename(path),
    fileExtension: '',
    configFileMode: 0o600,
    accessPropertiesByDotNotation: false,
    clearInvalidConfig: false,
    // The declared return type is string, but conf passes the value to fs.writeSync unchanged.
    serialize: (value) => (value === state ? (bytes as unknown as string) : JSON.stringify(value)),
  });
  conf.store = state;
}

async function assertContent(path: string, bytes: Buffer): Promise<void> {
  let end = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    if (!chunk.equals(bytes.subarray(end, end + chunk.length))) throw shortWrite();
    end += chunk.length;
  }
  if (end !== bytes.length) throw shortWrite();
}

function shortWrite(): Error {
  return Object.assign(new Error('short write'), { code: 'ENOSPC' });
}

/**
 * Deletes the file, and the temporary files that conf leaves next to it if the process is killed.
 */
async function removeAll(path: string): Promise<void> {
  const folder = dirname(path);
  for (const entry of await readdir(folder)) {
    if (entry.startsWith(basename(path))) await rm(join(folder, entry), { force: true });
  }
}
