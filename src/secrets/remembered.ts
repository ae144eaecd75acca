import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ChannelctlError } from '../shared/errors.ts';
import { MissingStoreError } from '../shared/secrets.ts';
import { openKeychain } from './keychain.ts';

/** Secrets of profiles have another service, so that no name can be both. */
const SERVICE = 'channelctl-passphrase';
const ALTERNATIVES =
  'set CHANNELCTL_PASSPHRASE, CHANNELCTL_PASSPHRASE_FILE or CHANNELCTL_PASSPHRASE_COMMAND.';
/** Leaves room for the part numbers of a long value in the Windows Credential Manager. */
const MAX_NAME_LENGTH = 400;

/** The passphrase of one profile that this machine's keychain stores. */
export interface RememberedPassphrase {
  /**
   * Returns null if there is none, or this machine has no keychain.
   *
   * @throws ChannelctlError `storage` if the keychain is locked or does not respond
   */
  read(): Promise<string | null>;
  /** @throws ChannelctlError `storage` if the keychain is missing, locked or does not respond */
  store(passphrase: string): Promise<void>;
  /**
   * Returns whether there was one.
   *
   * @throws ChannelctlError `storage` if the keychain is locked or does not respond
   */
  forget(): Promise<boolean>;
}

export interface RememberedOptions {
  configDir: string;
  profile: string;
  platform: NodeJS.Platform;
  /** Prints one line on the user's terminal; null if there is none. */
  announce: ((line: string) => void) | null;
}

export function rememberedPassphrase(options: RememberedOptions): RememberedPassphrase {
  const { configDir, profile, ...keychainOptions } = options;
  const keychain = openKeychain({
    ...keychainOptions,
    service: SERVICE,
    alternatives: ALTERNATIVES,
  });
  const name = async () => itemName(profile, await realFolder(configDir));
  const read = async () => {
    const item = await name();
    try {
      return (await keychain.read([item])).get(item) ?? null;
    } catch (error) {
      if (error instanceof MissingStoreError) return null;
      throw explain(error, 'The keychain, which may contain the passphrase, cannot be read.');
    }
  };
  const write = async (put: ReadonlyMap<string, string>, remove: readonly string[]) => {
    try {
      await keychain.write({ put, remove });
    } catch (error) {
      throw explain(error, 'The passphrase in the keychain cannot be changed.');
    }
  };
  return {
    read,
    store: async (passphrase) => write(new Map([[await name(), passphrase]]), []),
    async forget() {
      if ((await read()) === null) return false;
      await write(new Map(), [await name()]);
      return true;
    },
  };
}

function explain(error: unknown, message: string): unknown {
  return error instanceof ChannelctlError ? error.with({ message }) : error;
}

/** A profile's name contains no colon, so that the names of two profiles always differ. */
function itemName(profile: string, folder: string): string {
  const name = `${profile}:${folder}`;
  if (name.length <= MAX_NAME_LENGTH) return name;
  return `${profile}:${createHash('sha256').update(folder).digest('hex')}`;
}

/** Resolves symbolic links in the part of the path that exists. */
async function realFolder(folder: string): Promise<string> {
  try {
    return await realpath(folder);
  } catch {
    const parent = dirname(folder);
    return parent === folder ? folder : join(await realFolder(parent), basename(folder));
  }
}
