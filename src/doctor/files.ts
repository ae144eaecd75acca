import { randomBytes } from 'node:crypto';
import { constants, open, readdir, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { platform } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { portabilityProblem } from '../profile/portable-names.ts';
import { systemCode } from '../shared/errors.ts';
import { fileError } from '../shared/file-errors.ts';
import { checkWritable } from '../shared/files.ts';
import { type DoctorResult, error, FIX, failed, fixed, ok, warning } from './result.ts';

const BY_OTHERS = 0o077;
const WRITABLE_BY_OTHERS = 0o022;
const WRITABLE_BY_ALL = 0o002;
/** The sticky bit of a folder, which allows users to delete only their own files. */
const STICKY = 0o1000;

interface ExposedFile {
  path: string;
  mode: number;
  /** Whether the file is a link or below one, so that it can be outside channelctl's folder. */
  isLinked: boolean;
}

/**
 * Checks whether other users can read or change channelctl's files. The configuration folder itself
 * may be shared, so it is neither checked nor changed. The targets of links are not changed.
 */
export async function checkPermissions(profileFolder: string, fix: boolean): Promise<DoctorResult> {
  const check = 'permissions';
  if (platform() === 'win32')
    return ok(check, 'Not checked: channelctl does not read Windows permissions.');
  const before = await findExposed(profileFolder);
  if (before.length === 0) return ok(check, 'Other users cannot read or change the stored files.');
  if (fix) await restrictAll(before.filter(({ isLinked }) => !isLinked));
  const exposed = fix ? await findExposed(profileFolder) : before;
  if (exposed.length === 0)
    return fixed(check, `Removed other users' access to ${pathsOf(before)}.`);
  const isWritable = exposed.some(({ mode }) => (mode & WRITABLE_BY_OTHERS) !== 0);
  const message = `Other users can ${isWritable ? 'change' : 'read'} ${pathsOf(exposed)}.`;
  const canFix = !fix && exposed.some(({ isLinked }) => !isLinked);
  const status = isWritable || fix ? error : warning;
  return status(check, message, canFix ? FIX : manualFix(exposed));
}

function pathsOf(files: readonly ExposedFile[]): string {
  return files.map(({ path }) => path).join(', ');
}

function manualFix(exposed: readonly ExposedFile[]): string {
  if (exposed.every(({ isLinked }) => isLinked)) {
    return "doctor does not change the targets of symbolic links. Remove other users' access to them yourself (chmod go=).";
  }
  return "If the file system supports permissions, ask the owner of the files to remove other users' access (chmod go=).";
}

async function findExposed(profileFolder: string): Promise<ExposedFile[]> {
  const profiles = dirname(profileFolder);
  const configDir = dirname(profiles);
  const tls = join(configDir, 'tls');
  const audit = join(configDir, 'audit', basename(profileFolder));
  const places = [profiles, profileFolder, dirname(audit), audit, tls];
  const files = await Promise.all([profileFolder, audit, tls].map(filesIn));
  const exposed: ExposedFile[] = [];
  for (const path of [...places, ...files.flat()]) {
    const mode = await modeOf(path);
    if (mode === null || (mode & BY_OTHERS) === 0) continue;
    exposed.push({ path, mode, isLinked: await isLinked(path, configDir) });
  }
  return exposed;
}

async function isLinked(path: string, configDir: string): Promise<boolean> {
  const folder = await realpath(configDir).catch(() => configDir);
  const direct = join(folder, relative(configDir, path));
  // A file that was deleted in the meantime is not linked.
  return (await realpath(path).catch(() => direct)) !== direct;
}

async function filesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.map((name) => join(folder, name));
}

/**
 * Returns the mode of a file or folder; null if it does not exist, or on Windows, which has no
 * modes.
 */
async function modeOf(path: string): Promise<number | null> {
  if (platform() === 'win32') return null;
  return (await stat(path).catch(() => null))?.mode ?? null;
}

/** Removes the access of other users. A failure is ignored, because the files are checked again. */
async function restrictAll(exposed: readonly ExposedFile[]): Promise<void> {
  for (const { path, mode } of exposed) {
    try {
      // A file that another process replaces with a link in the meantime is not changed either.
      const file = await open(
        path,
        constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
      );
      await file.chmod(mode & 0o700).finally(() => file.close());
    } catch {
      // The file belongs to another user, or the file system has no permissions.
    }
  }
}

/** Creates and deletes a file, because Windows grants or denies access only then. */
async function createProbe(folder: string): Promise<void> {
  const path = join(folder, `.${randomBytes(8).toString('hex')}.probe`);
  try {
    await writeFile(path, '', { flag: 'wx' });
    await rm(path);
  } catch (error) {
    // The profile's folder need not exist yet.
    if (systemCode(error) !== 'ENOENT') throw fileError('written', folder, error);
  }
}

export async function checkFolder(folder: string): Promise<DoctorResult> {
  try {
    await checkWritable(folder);
    if (platform() === 'win32') await createProbe(folder);
    const configDir = dirname(dirname(folder));
    const mode = (await modeOf(configDir)) ?? 0;
    if ((mode & (WRITABLE_BY_ALL | STICKY)) === WRITABLE_BY_ALL) {
      return warning(
        'folder',
        `${configDir} is world-writable; other users could replace your files.`,
        'Remove write permission for other users (chmod o-w), or choose another folder with CHANNELCTL_CONFIG_DIR.',
      );
    }
    return ok('folder', `The profile is stored in ${folder}.`);
  } catch (thrown) {
    return failed('folder', thrown);
  }
}

export async function checkProfileName(
  name: string,
  listNames: () => Promise<readonly string[]>,
): Promise<DoctorResult[]> {
  const check = 'profile_name';
  let problem: string | null;
  try {
    problem = portabilityProblem(name, await listNames());
  } catch (thrown) {
    return [failed(check, thrown)];
  }
  if (problem === null) return [];
  return [
    warning(
      check,
      `The name of the profile "${name}" is not portable. ${problem}`,
      'Move the accounts to a profile with another name: run channelctl export > channels.yaml, set the variables that the document refers to, then run channelctl apply -f channels.yaml --profile <name>.',
    ),
  ];
}
