import { passphraseSource } from '../../src/secrets/passphrase-source.ts';

/** Returns a source as for CHANNELCTL_PASSPHRASE without a terminal. */
export function passphraseOf(value: string | undefined) {
  return passphraseSource({ CHANNELCTL_PASSPHRASE: value }, null);
}
