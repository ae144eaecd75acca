import { homedir, platform } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { storageError } from '../shared/errors.ts';
import type { Environment } from './settings.ts';

/**
 * Where the profiles are: `CHANNELCTL_CONFIG_DIR`, or the platform's own place. env-paths would say
 * the same, but imports Node's `process` as a module, which builds the three standard streams:
 * a fifth of Node's own start.
 *
 * @throws ChannelctlError of kind `storage` where the variable is unset and there is no home folder
 */
export function configFolder(env: Environment): string {
  return resolve(env.CHANNELCTL_CONFIG_DIR || join(platformFolder(env), 'channelctl'));
}

/** The folder for the settings of programs; a relative XDG_CONFIG_HOME counts as unset, as XDG says. */
function platformFolder(env: Environment): string {
  if (platform() === 'darwin') return join(homeFolder(env), 'Library', 'Preferences');
  if (platform() === 'win32') {
    return env.APPDATA || join(homeFolder(env), 'AppData', 'Roaming');
  }
  const { XDG_CONFIG_HOME: folder } = env;
  return folder !== undefined && isAbsolute(folder) ? folder : join(homeFolder(env), '.config');
}

/** A container may run under a number that no user, and so no folder, belongs to. */
function homeFolder(env: Environment): string {
  const home = (platform() === 'win32' ? env.USERPROFILE : env.HOME) ?? knownHome();
  if (isAbsolute(home)) return home;
  throw storageError(
    'There is no folder to keep the configuration in.',
    'HOME is not set, and the system knows no home folder of this user.',
    'Set CHANNELCTL_CONFIG_DIR to a folder that can be written to.',
  );
}

function knownHome(): string {
  try {
    return homedir();
  } catch {
    return '';
  }
}
