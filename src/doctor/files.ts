import { chmod, readdir, stat } from 'node:fs/promises';
import { platform } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { portabilityProblem } from '../profile/paths.ts';
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
}

/**
 * Checks whether other users can read or change channelctl's files. The configuration folder itself
 * may be shared, so it is neither checked nor changed.
 */
export async function checkPermissions(profileFolder: string, fix: boolean): Promise<DoctorResult> {
  const check = 'permissions';
  const profiles = dirname(profileFolder);
  const tls = join(dirname(profiles), 'tls');
  const audit = join(dirname(profiles), 'audit', basename(profileFolder));
  const places = [profiles, profileFolder, dirname(audit), audit, tls];
  const files = await Promise.all([profileFolder, audit, tls].map(filesIn));
  const exposed: ExposedFile[] = [];
  for (const path of [...places, ...files.flat()]) {
    const mode = await modeOf(path);
    if (mode !== null && (mode & BY_OTHERS) !== 0) exposed.push({ path, mode });
  }
  if (exposed.length === 0) return ok(check, 'Other users cannot read or change the stored files.');
  const paths = exposed.map(({ path }) => path).join(', ');
  if (fix && (await restrictAll(exposed)))
    return fixed(check, `Removed other users' access to ${paths}.`);
  const isWritable = exposed.some(({ mode }) => (mode & WRITABLE_BY_OTHERS) !== 0);
  const message = `Other users can ${isWritable ? 'change' : 'read'} ${paths}.`;
  if (fix)
    return error(
      check,
      message,
      "Ask the owner of the files to remove other users' access (chmod go=).",
    );
  return (isWritable ? error : warning)(check, message, FIX);
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

async function restrictAll(exposed: readonly ExposedFile[]): Promise<boolean> {
  try {
    for (const { path, mode } of exposed) await chmod(path, mode & 0o700);
    return true;
  } catch {
    return false;
  }
}

/** Checks that the state is writable, and that other users cannot replace it. */
export async function checkFolder(folder: string): Promise<DoctorResult> {
  try {
    await checkWritable(folder);
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

/** Checks that the profile's folder works on every file system. */
export function checkProfileName(name: string, names: readonly string[]): DoctorResult[] {
  const problem = portabilityProblem(name, names);
  if (problem === null) return [];
  return [
    warning(
      'profile_name',
      `The name of the profile "${name}" is not portable. ${problem}`,
      'Store the accounts in a profile with another name: export them, then apply the document with --profile.',
    ),
  ];
}
