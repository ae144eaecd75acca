import { envStoreError, type SecretStore } from '../shared/secrets.ts';

/** The store of `CHANNELCTL_SECRETS=env`: it holds nothing and takes nothing. */
export function openEnvStore(): SecretStore {
  const refuse = () => Promise.reject(envStoreError());
  return {
    name: 'env',
    read: () => Promise.resolve(new Map()),
    write: refuse,
    assertWritable: refuse,
  };
}
