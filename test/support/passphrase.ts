import { passphraseSource } from '../../src/secrets/passphrase-source.ts';

export function passphraseOf(value: string | undefined) {
  return passphraseSource({ CHANNELCTL_PASSPHRASE: value }, null);
}
