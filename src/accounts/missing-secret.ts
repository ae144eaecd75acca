import { ChannelctlError } from '../shared/errors.ts';
import { type Owner, ownerName, secretVariable } from './secrets.ts';

/** The error for secrets that are in no variable while `CHANNELCTL_SECRETS=env`. */
export function unsetSecret(owner: Owner, fields: readonly string[]): ChannelctlError {
  return new ChannelctlError('not_allowed', `${secretName(owner, fields)} can't be read.`, {
    reason: 'CHANNELCTL_SECRETS=env reads variables only, and none holds it.',
    hint: `Set ${variablesOf(owner, fields)}, or CHANNELCTL_SECRETS to the store that has it.`,
  });
}

/**
 * The error for secrets that are neither in a variable nor in their store.
 *
 * @param command stores them again
 */
export function missingSecret(
  owner: Owner,
  fields: readonly string[],
  command: string,
  name = secretName(owner, fields),
): ChannelctlError {
  const variables = variablesOf(owner, fields);
  return new ChannelctlError('not_allowed', `${name} is missing.`, {
    reason: `It is not in the secret store, and ${variables} is not set.`,
    hint: `Store it again, or set the variable: ${command}`,
  });
}

/** `The access_token of whatsapp/wa-1065`. */
function secretName(owner: Owner, fields: readonly string[]): string {
  const { channel, account_key } = owner;
  const name = account_key === undefined ? `the ${channel} integration` : ownerName(owner);
  return `The ${fields.join(', ')} of ${name}`;
}

function variablesOf(owner: Owner, fields: readonly string[]): string {
  return fields.map((field) => secretVariable(owner, field)).join(', ');
}
