import { ACCOUNT_FIELDS, accountView } from '../../accounts/account-view.ts';
import { assertKeyAvailable, upsertAccount } from '../../accounts/accounts.ts';
import type { KnownKey } from '../../accounts/config.ts';
import { dropPending, pendingSecrets } from '../../accounts/pending-connections.ts';
import { masks, type Owner } from '../../accounts/secrets.ts';
import type { Channel, ConnectStepName } from '../../channels/channel.ts';
import type { ConnectedAccount } from '../../channels/connect.ts';
import { CHANNELS, channelNamed, knownSecrets } from '../../channels/index.ts';
import type { ProfileState, StoredConfig } from '../../profile/types.ts';
import { defineCommand } from '../shared/command.ts';
import { activeOption, CHANNEL_ARGUMENT, updatedText } from '../shared/config-options.ts';
import { confirm } from '../shared/confirm.ts';
import type { OptionsOf } from '../shared/options.ts';
import { withProgress } from '../shared/progress.ts';
import { viewOptions } from '../shared/view-options.ts';
import {
  ACCOUNT_OPTIONS,
  checkAccountConfig,
  describeKeys,
  mergeAccountConfig,
} from './account-options.ts';

const OPTIONS = {
  '--channel <channel>': CHANNEL_ARGUMENT,
  ...ACCOUNT_OPTIONS,
  '--no-register': describeOption('--no-register'),
  '--no-subscribe': describeOption('--no-subscribe'),
} as const;

type Options = OptionsOf<typeof OPTIONS>;
type CreateOption = keyof NonNullable<Channel['createOptions']>;

export const create = defineCommand({
  name: 'create',
  summary: 'Create an account',
  role: 'admin',
  missingProfile: 'created',
  examples: [
    {
      line: 'accounts create --channel email --account-key support --config address=support@example.com',
      about: 'Create an email account',
    },
    {
      line: 'accounts create --channel messenger --account-key fb-1065 --config page_id=1065 --config page_access_token=env:PAGE_TOKEN',
      about: 'Create a Messenger account with a Page token from a variable',
    },
    {
      line: 'accounts create --channel whatsapp --config phone_number_id=1045 --config waba_id=1046 --config access_token=@token.txt',
      about: 'Register a WhatsApp number and subscribe the app to its webhooks',
    },
    {
      line: 'accounts create --channel whatsapp --config-file number.yaml --no-register --no-subscribe --display-name Orders',
      about: 'Store a number that is already set up, without calling Meta',
    },
  ],
  notes: describeKeys(CHANNELS),
  result: { fields: ACCOUNT_FIELDS },
  options: OPTIONS,
  async run(options, context) {
    const view = viewOptions(context);
    const { askForMissing, checkSteps, chooseChannel, chooseKey } = await import(
      './create-questions.ts'
    );
    const channel = channelNamed(options.channel ?? (await chooseChannel(context)));
    checkSteps(channel, options);
    const is_active = activeOption(options) ?? true;
    const { readConfigOptions } = await import('../shared/read-config-options.ts');
    const given = await readConfigOptions(options, context);
    const named = await askForMissing(namingKeys(channel), new Map(), given, context);
    const account_key = await chooseKey(channel, options.accountKey, named, context);
    const owner = { channel: channel.name, account_key };
    const state = await context.profile.read();
    assertKeyAvailable(state, channel.name, account_key);
    const pending = pendingConfig(state, owner);
    const has = masks(context.env, owner, pending, knownSecrets(owner));
    const complete = await askForMissing(channel.accountKeys, has, named, context);
    const change = checkAccountConfig(channel, owner, pending, complete, context);
    const store = ({ displayName, configChange }: ConnectedAccount) =>
      context.profile.change((draft, secrets) => {
        const before = pendingConfig(draft, owner);
        dropPending(draft, owner);
        const full = {
          set: { ...change.set, ...configChange.set },
          unset: configChange.unset,
        };
        const merged = mergeAccountConfig(channel, owner, before, full, secrets, context);
        assertKeyAvailable(draft, channel.name, account_key);
        const initial = {
          is_active,
          is_default: options.default === true,
          division_id: updatedText(options.divisionId, context.settings.value('division_id')),
        };
        const display_name = updatedText(options.displayName, displayName);
        return upsertAccount(draft, { ...owner, ...merged, display_name, initial }, context);
      });
    const request = { channel, owner, given: change.set, steps: stepsOf(options) };
    const { connectThenStore } = await import('../../channels/connect.ts');
    const stored = await withProgress(context.terminal, 'Creating the account', (progress) => {
      const confirmed = (question: string) => {
        progress.stop();
        return confirm(context, question);
      };
      return connectThenStore({ ...context, confirm: confirmed }, request, store);
    });
    return { data: accountView(view, stored) };
  },
});

function stepsOf({ register, subscribe }: Options): ReadonlySet<ConnectStepName> {
  const wanted = { register, subscribe };
  return new Set((['register', 'subscribe'] as const).filter((step) => wanted[step]));
}

function describeOption(option: CreateOption): string {
  return CHANNELS.flatMap(({ label, createOptions }) => {
    const about = createOptions?.[option];
    return about === undefined ? [] : [`${label}: ${about}`];
  }).join('; ');
}

function pendingConfig(state: ProfileState, owner: Required<Owner>): StoredConfig {
  return { config: {}, secrets: pendingSecrets(state, owner) };
}

function namingKeys({ accountKeys, derivedAccountKey }: Channel): readonly KnownKey[] {
  return accountKeys.filter(({ name }) => name === derivedAccountKey?.from);
}
