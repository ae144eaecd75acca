import { dirname } from 'node:path';
import { type Environment, LOCAL, runsInCi, type Settings } from '../profile/settings.ts';
import type { Profile } from '../profile/types.ts';
import { type Owner, ownerName } from './secrets.ts';

export interface GeneratedSecretContext {
  env: Environment;
  settings: Pick<Settings, 'secretStore' | 'value'>;
  profile: Pick<Profile, 'path'>;
  warn(message: string, hint: string): void;
}

/**
 * In CI, warns about a secret that channelctl has generated, unless the state is shared: it is lost
 * with the runner or its cache.
 *
 * @param label the name of the secret in a sentence, such as `PIN`
 */
export function warnOfGeneratedSecret(
  { env, settings, profile, warn }: GeneratedSecretContext,
  owner: Required<Owner>,
  { field, label }: { field: string; label: string },
): void {
  if (!runsInCi(env) || settings.value('state') !== LOCAL) return;
  const name = ownerName(owner);
  const place =
    settings.secretStore === 'keychain' ? 'the OS keychain of this machine' : dirname(profile.path);
  warn(
    `The ${label} of ${name} was generated. It is stored only in ${place}, which may not outlive the CI job or its cache.`,
    `To show it, run: channelctl accounts get ${name} --reveal. Store it as a CI variable, and pass it as ${field}: { env: NAME } in the document or --config ${field}=env:NAME.`,
  );
}
