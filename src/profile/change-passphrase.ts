import type { SecretStore } from '../shared/secrets.ts';
import type { AuditItem } from './audit/log.ts';
import { digestOf } from './state-file/digest.ts';
import type { TransactionContext } from './transaction.ts';

const PASSPHRASE_CHANGED: AuditItem = {
  action: 'secrets.passphrase_changed',
  channel: null,
  account_id: null,
  account_key: null,
  call: null,
  changes: [],
};

/**
 * Encrypts the secrets file with another passphrase, and records it. Requires the profile's lock.
 *
 * @throws ChannelctlError `storage` if the file cannot be replaced; it is then unchanged
 */
export async function changePassphrase(
  { audit }: Pick<TransactionContext, 'audit'>,
  file: SecretStore,
  passphrase: string,
): Promise<void> {
  await audit?.recover();
  try {
    await file.changePassphrase?.(passphrase, async (content) => {
      await audit?.prepare(() => [PASSPHRASE_CHANGED], { secrets: digestOf(Buffer.from(content)) });
    });
  } catch (error) {
    await audit?.discard();
    throw error;
  }
  await audit?.finish();
}
