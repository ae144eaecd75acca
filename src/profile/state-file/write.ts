import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import Conf from 'conf';
import { fileError } from '../../shared/files.ts';
import type { ProfileState } from '../types.ts';
import { findShapeError } from './shape.ts';

/**
 * Replaces the state file in one step. Only under the profile's lock, with the folder there.
 *
 * conf writes beside the file, and what it wrote takes the file's place only once it was read
 * back: conf takes no notice of a short write, so that on a full disk it would put a cut file in
 * the place of a good one. It also carries over keys of its own from the file that it writes to.
 *
 * @throws ChannelctlError of kind `storage`, or TypeError for what is no state; the file is then as it was
 */
export async function writeState(path: string, state: ProfileState): Promise<void> {
  const text = serialize(state);
  const error = findShapeError({ ...state });
  if (error !== null) throw new TypeError(`In the new state, ${error}.`);
  const next = `${path}.new`;
  try {
    await removeAll(next);
    writeWithConf(next, state, text);
    await compare(next, text);
    await rename(next, path);
  } catch (error) {
    await removeAll(next).catch(() => undefined);
    throw fileError('written', path, error);
  }
}

function serialize(state: object): string {
  return `${JSON.stringify(state, null, 2)}\n`;
}

function writeWithConf(path: string, state: ProfileState, text: string): void {
  const conf = new Conf<ProfileState>({
    cwd: dirname(path),
    configName: basename(path),
    fileExtension: '',
    configFileMode: 0o600,
    accessPropertiesByDotNotation: false,
    clearInvalidConfig: false,
    serialize: (value) => (value === state ? text : serialize(value)),
  });
  conf.store = state;
}

/** In pieces, as the state of thousands of accounts is large. */
async function compare(path: string, text: string): Promise<void> {
  const written = createHash('sha256');
  for await (const piece of createReadStream(path)) written.update(piece);
  const expected = createHash('sha256').update(text);
  if (written.digest().equals(expected.digest())) return;
  throw Object.assign(new Error('short write'), { code: 'ENOSPC' });
}

/** Removes the file and the temporary ones that conf leaves beside it when it is killed. */
async function removeAll(path: string): Promise<void> {
  const folder = dirname(path);
  for (const entry of await readdir(folder)) {
    if (entry.startsWith(basename(path))) await rm(join(folder, entry), { force: true });
  }
}
