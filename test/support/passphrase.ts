import { passphraseSource } from '../../src/secrets/passphrase-source.ts';

export function passphraseOf(value: string | undefined) {
  const env = { CHANNELCTL_PASSPHRASE: value };
  const { signal } = new AbortController();
  return passphraseSource({ env, signal, ask: null, lendTerminal: null });
}
