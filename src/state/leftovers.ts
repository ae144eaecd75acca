import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type ChangeContext, sweepJournal } from './change.ts';
import { readState } from './file.ts';
import { fileExists, type ProfilePaths } from './folders.ts';

/** What interrupted commands left of a profile: half-written files, a journal, deleted profiles. */
export async function findLeftovers(paths: ProfilePaths): Promise<string[]> {
  return [
    ...(await draftsOf(paths)),
    ...((await fileExists(paths.journal)) ? [paths.journal] : []),
  ];
}

async function draftsOf({ folder, lock }: ProfilePaths): Promise<string[]> {
  const profiles = dirname(folder);
  const isLeft = (name: string) =>
    name.startsWith(`${basename(lock)}.`) || (name.startsWith('.') && name.endsWith('.deleted'));
  const beside = (await namesIn(profiles)).filter(isLeft).map((name) => join(profiles, name));
  const isDraft = (name: string) => /\.json\.new/.test(name);
  const inside = (await namesIn(folder)).filter(isDraft).map((name) => join(folder, name));
  return [...beside, ...inside];
}

function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

/**
 * Removes what interrupted commands left, secrets that nothing refers to included. Only under the
 * profile's lock.
 *
 * @throws ChannelctlError of kind `storage` where the state or the journal can't be read
 */
export async function sweepLeftovers(context: ChangeContext): Promise<void> {
  for (const path of await draftsOf(context.paths)) {
    await rm(path, { recursive: true, force: true });
  }
  await sweepJournal(context, await readState(context.paths.state));
}
