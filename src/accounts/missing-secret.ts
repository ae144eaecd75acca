import { ChannelctlError } from '../shared/errors.ts';
import { type Owner, ownerName, secretVariable } from './secrets.ts';

export function unsetSecret(owner: Owner, fields: readonly string[]): ChannelctlError {
  return new ChannelctlError('not_allowed', `${secretName(owner, fields)} cannot be read.`, {
    reason: 'With CHANNELCTL_SECRETS=env, secrets are read only from environment variables.',
    hint: `Set ${variablesOf(owner, fields)}, or set CHANNELCTL_SECRETS to the store that contains it.`,
  });
}

/**
 * Returns the error for secrets that are neither in a variable nor in their store.
 *
 * @param command the command that stores them again
 */
export function missingSecret(
  owner: Owner,
  fields: readonly string[],
  command: string,
  name = secretName(owner, fields),
): ChannelctlError {
  const variables = variablesOf(owner, fields);
  return new ChannelctlError(
    'not_allowed',
    `${name} ${fields.length === 1 ? 'is' : 'are'} missing.`,
    {
      reason: `Not found in the secret store or in ${variables}.`,
      hint: `Set the variable, or store the secret again: ${command}`,
    },
  );
}

function secretName(owner: Owner, fields: readonly string[]): string {
  const { channel, account_key } = owner;
  const name = account_key === undefined ? `the ${channel} integration` : ownerName(owner);
  return `The ${fields.join(' and ')} of ${name}`;
}

function variablesOf(owner: Owner, fields: readonly string[]): string {
  return fields.map((field) => secretVariable(owner, field)).join(', ');
}
