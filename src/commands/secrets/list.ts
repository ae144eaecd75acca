import {
  type Owner,
  ownerName,
  secretInEnvironment,
  secretKeys,
  secretVariable,
} from '../../accounts/secrets.ts';
import { CHANNELS, knownSecrets } from '../../channels/index.ts';
import type { Environment } from '../../profile/settings.ts';
import type { ProfileState, StoredConfig } from '../../profile/types.ts';
import { lastFour } from '../../shared/secrets.ts';
import { defineCommand } from '../shared/command.ts';

export const list = defineCommand({
  name: 'list',
  summary: 'List secrets and where they are stored',
  role: 'supervisor',
  examples: [
    { line: 'secrets list', about: 'List all secrets, without their values' },
    {
      line: 'secrets list -o tsv --fields owner,field,variable',
      about: 'Print the variables that would override the stored secrets',
    },
  ],
  notes:
    'Opens neither the keychain nor the secrets file. The store of a secret whose variable is set is env, because the variable overrides the stored secret. The last four characters of a secret with fewer than 12 are not shown.',
  result: {
    fields: ['owner', 'field', 'store', 'last_four', 'variable'],
    droppable: ['variable'],
    whenEmpty: 'No secrets found.',
  },
  async run(_options, { env, profile }) {
    const state = await profile.read();
    return { data: ownersOf(state).flatMap((one) => secretsOf(env, one)) };
  },
});

type SecretOwner = Owner & { stored: Pick<StoredConfig, 'secrets'> | undefined };

function ownersOf({ integrations, accounts, pending = [] }: ProfileState): SecretOwner[] {
  return [
    ...CHANNELS.map(({ name }) => ({
      channel: name,
      stored: integrations.find(({ channel }) => channel === name),
    })),
    ...[...accounts, ...pending].map((stored) => ({
      channel: stored.channel,
      account_key: stored.account_key,
      stored,
    })),
  ];
}

function secretsOf(env: Environment, { stored, ...owner }: SecretOwner) {
  return secretKeys(knownSecrets(owner), stored).flatMap((field) => {
    const given = secretInEnvironment(env, owner, field);
    const ref = stored?.secrets[field];
    const variable = secretVariable(owner, field);
    const name = { owner: ownerName(owner), field };
    if (given !== undefined)
      return [{ ...name, store: 'env', last_four: lastFour(given), variable }];
    return ref === undefined ? [] : [{ ...name, store: ref.store, last_four: ref.last4, variable }];
  });
}
