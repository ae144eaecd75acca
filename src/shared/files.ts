import { access, constants, mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemCode } from './errors.ts';
import { fileError } from './file-errors.ts';
import { giveToFolderOwner } from './ownership.ts';

/**
 * Creates a folder and its missing parents, accessible only to the owner. Existing folders are not
 * changed.
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await makeWithParents(path);
  } catch (error) {
    throw fileError('written', path, error);
  }
}

/**
 * Creates the folders one by one, because Node's `recursive` never returns if a folder cannot be
 * created, as in /proc.
 */
async function makeWithParents(path: string): Promise<void> {
  try {
    if ((await stat(path)).isDirectory()) return;
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    if (dirname(path) !== path) await makeWithParents(dirname(path));
  }
  try {
    await mkdir(path, { mode: 0o700 });
    await giveToFolderOwner(path);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
    // Another process may have created the folder.
    const isFolder = (await stat(path)).isDirectory();
    if (!isFolder) throw Object.assign(new Error(path), { code: 'ENOTDIR' });
  }
}

/**
 * @throws ChannelctlError `storage` if `folder`, which need not exist yet, is not writable
 */
export async function checkWritable(folder: string): Promise<void> {
  const existing = await nearestExisting(folder);
  try {
    await access(existing, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw fileError('written', existing, error);
  }
}

async function nearestExisting(path: string): Promise<string> {
  try {
    if ((await stat(path)).isDirectory()) return path;
  } catch (error) {
    if (systemCode(error) === 'ENOENT' && dirname(path) !== path)
      return nearestExisting(dirname(path));
    throw fileError('written', path, error);
  }
  throw fileError('written', path, Object.assign(new Error(path), { code: 'ENOTDIR' }));
}
