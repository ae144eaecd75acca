import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { Environment } from './settings.ts';

/**
 * Where the profiles are: `CHANNELCTL_CONFIG_DIR`, or the platform's own place. env-paths would say
 * the same, but imports Node's `process` as a module, which builds the three standard streams:
 * a fifth of Node's own start.
 */
export function configFolder(env: Environment): string {
  return env.CHANNELCTL_CONFIG_DIR || join(platformFolder(env), 'channelctl');
}

/** The folder for the settings of programs; a relative XDG_CONFIG_HOME counts as unset, as XDG says. */
function platformFolder(env: Environment): string {
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Preferences');
  if (process.platform === 'win32') {
    return env.APPDATA || join(homedir(), 'AppData', 'Roaming');
  }
  const { XDG_CONFIG_HOME: folder } = env;
  return folder !== undefined && isAbsolute(folder) ? folder : join(homedir(), '.config');
}
