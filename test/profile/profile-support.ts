import type { AuditEntry } from '../../src/profile/audit/log.ts';
import { profilePaths } from '../../src/profile/paths.ts';
import { openProfile } from '../../src/profile/profile.ts';
import { ownedSecrets } from '../../src/profile/secret-refs.ts';
import type { Profile, ProfileState, SecretEdits } from '../../src/profile/types.ts';
import { openFileStore } from '../../src/secrets/file.ts';
import { openEnvStore } from '../../src/secrets/open.ts';
import { storageError } from '../../src/shared/errors.ts';
import type { SecretStore, SecretStoreName } from '../../src/shared/secrets.ts';
import { temporaryFolder } from '../support/cli.ts';
import { passphraseOf } from '../support/passphrase.ts';
import { stateWith } from '../support/states.ts';

const cost = { N: 1024, r: 8, p: 1 };

type Write = SecretStore['write'];

class Keychain implements SecretStore {
  readonly name = 'keychain';
  readonly items = new Map<string, string>();
  isOpen = true;
  fault: { on: 'put' | 'remove' | 'probe'; error: Error } | null = null;

  async read(items: readonly string[]) {
    return new Map([...this.items].filter(([item]) => items.includes(item)));
  }

  async write({ put, remove }: Parameters<Write>[0]) {
    if (put.size > 0) this.#failAt('put');
    for (const [item, value] of put) this.items.set(item, value);
    if (remove.length > 0) this.#failAt('remove');
    for (const item of remove) this.items.delete(item);
  }

  opensSilently() {
    return this.isOpen;
  }

  async assertWritable() {
    this.#failAt('probe');
    this.isOpen = true;
  }

  #failAt(act: string) {
    if (this.fault?.on === act) throw this.fault.error;
  }
}

export const unavailable = storageError('The keychain is not available.', {
  reason: 'It was unplugged.',
  hint: 'Plug it in.',
});

export async function setUp(active: SecretStoreName = 'keychain') {
  const configDir = await temporaryFolder();
  const keychain = new Keychain();
  const warnings: string[] = [];
  const open = (name = 'default', store: SecretStoreName = active) =>
    openProfile({
      configDir,
      name,
      activeStore: () => store,
      serverKeys: (channel) => (channel === 'email' ? ['imap_host', 'smtp_host'] : []),
      now: () => Date.now(),
      audit: {
        actor: async () => ({ user: 'ada', host: 'desk', ci: null, command: 'test' }),
        redact: (text) => text,
        warn: (message) => void warnings.push(message),
      },
      stores: async (wanted) => {
        if (wanted === 'keychain') return keychain;
        if (wanted === 'env') return openEnvStore();
        const path = profilePaths(configDir, name).secrets;
        return openFileStore({ path, passphrase: passphraseOf('pass'), cost });
      },
    });
  return {
    configDir,
    keychain,
    warnings,
    open,
    profile: open(),
    files: profilePaths(configDir, 'default'),
  };
}

export function setSecret(value: string, appId = value) {
  return (draft: ProfileState, secrets: SecretEdits) => {
    const mark = secrets.put('messenger', 'app_secret', value);
    const [integration] = stateWith({ app_secret: mark }).integrations;
    if (integration === undefined) throw new Error('no integration');
    draft.integrations = [{ ...integration, config: { app_id: appId } }];
  };
}

export async function inspect(profile: Profile) {
  const [integration] = (await profile.read()).integrations;
  const mark = integration?.secrets.app_secret;
  const values = await profile.readSecrets(integration ? ownedSecrets(integration) : []);
  return { appId: integration?.config.app_id, secret: mark && values.get(mark.item) };
}

export async function historyOf(profile: Profile) {
  const entries: AuditEntry[] = [];
  let unreadable = 0;
  for await (const { entry } of profile.readHistory({
    mayMatch: () => true,
    matches: () => true,
  })) {
    if (entry === null) unreadable += 1;
    else entries.push(entry);
  }
  return { entries, unreadable };
}
