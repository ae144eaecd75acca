import { ACCOUNT_FIELDS, accountView } from '../../accounts/account-view.ts';
import { assertKeyAvailable, checkAccountKey, upsertAccount } from '../../accounts/accounts.ts';
import type { KnownKey } from '../../accounts/config.ts';
import { type ConfigChange, checkKnownValue } from '../../accounts/config.ts';
import { dropPending, pendingSecrets } from '../../accounts/pending-connections.ts';
import { masks, type Owner } from '../../accounts/secrets.ts';
import type { Channel, ConnectStepName } from '../../channels/channel.ts';
import type { ConnectedAccount } from '../../channels/connect.ts';
import { CHANNEL_NAMES, CHANNELS, channelNamed, knownSecrets } from '../../channels/index.ts';
import type { ProfileState, StoredConfig } from '../../profile/types.ts';
import { usageError } from '../../shared/errors.ts';
import type { Json } from '../../shared/json.ts';
import { isSecretKey } from '../../shared/secrets.ts';
import { defineCommand } from '../shared/command.ts';
import type { CommandContext } from '../shared/command-context.ts';
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
    const channel = channelNamed(options.channel ?? (await chooseChannel(context)));
    checkSteps(channel, options);
    const is_active = activeOption(options) ?? true;
    const { readConfigOptions } = await import('../shared/read-config-options.ts');
    const given = await readConfigOptions(options, context);
    const named = await askForMissing(namingKeys(channel), new Map(), given, context);
    const account_key = await chooseKey(channel, options, named, context);
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

/**
 * Returns the description of an option for each channel that has it: `WhatsApp: do not register the
 * number`.
 */
function describeOption(option: CreateOption): string {
  return CHANNELS.flatMap(({ label, createOptions }) => {
    const about = createOptions?.[option];
    return about === undefined ? [] : [`${label}: ${about}`];
  }).join('; ');
}

/** @throws ChannelctlError `usage` for an option that the channel does not have */
function checkSteps({ label, createOptions }: Channel, { register, subscribe }: Options): void {
  const given = { '--no-register': !register, '--no-subscribe': !subscribe };
  const unknown = (['--no-register', '--no-subscribe'] as const).find(
    (option) => given[option] && createOptions?.[option] === undefined,
  );
  if (unknown === undefined) return;
  const supported = CHANNELS.filter((channel) => channel.createOptions?.[unknown] !== undefined);
  throw usageError(`${unknown} does not apply to ${label} accounts.`, {
    reason: `It applies only to ${supported.map((channel) => channel.label).join(' and ')} accounts.`,
    hint: `Omit ${unknown}.`,
  });
}

async function chooseChannel({ terminal }: CommandContext): Promise<string> {
  if (terminal.interactive) {
    const choices = CHANNELS.map(({ name, label }) => ({ value: name, label }));
    return terminal.chooseOne('Which channel?', choices);
  }
  throw usageError('No channel specified.', {
    hint: `Pass --channel with one of ${CHANNEL_NAMES.join(', ')}.`,
  });
}

/** Returns the configuration stored by earlier attempts to connect the account. */
function pendingConfig(state: ProfileState, owner: Required<Owner>): StoredConfig {
  return { config: {}, secrets: pendingSecrets(state, owner) };
}

/** Returns the keys that the account key is derived from. */
function namingKeys({ accountKeys, derivedAccountKey }: Channel): readonly KnownKey[] {
  return accountKeys.filter(({ name }) => name === derivedAccountKey?.from);
}

/**
 * Prompts for missing required keys, if there is a terminal.
 *
 * @param has the existing secrets
 */
async function askForMissing(
  keys: readonly KnownKey[],
  has: ReadonlyMap<string, string>,
  change: ConfigChange,
  { terminal, redactor }: CommandContext,
): Promise<ConfigChange> {
  if (!terminal.interactive) return change;
  const set: Record<string, Json> = { ...change.set };
  for (const { name, label, required, problem } of keys) {
    if (required !== true || set[name] !== undefined || has.has(name)) continue;
    const secret = isSecretKey(name);
    const answer = (await terminal.askText(label, { secret })).trim();
    if (secret) redactor.add(answer);
    if (answer === '') continue; // Missing keys are reported together at the end.
    checkKnownValue(name, answer, problem);
    set[name] = answer;
  }
  return { ...change, set };
}

/**
 * Returns the derived account key if the channel derives one, otherwise the key from the option or
 * a prompt.
 */
async function chooseKey(
  channel: Channel,
  { accountKey }: Options,
  { set }: ConfigChange,
  { terminal }: CommandContext,
): Promise<string> {
  const derived = derivedKey(channel, set);
  if (derived !== undefined) {
    if (accountKey === undefined || accountKey === derived) return derived;
    throw usageError(`Invalid account key: "${accountKey}".`, {
      reason: `The key of this account must be ${derived}.`,
      hint: 'Omit --account-key.',
    });
  }
  const key =
    accountKey ?? (terminal.interactive ? (await terminal.askText('Account key', {})).trim() : '');
  if (key === '') {
    throw usageError('No account key specified.', { hint: 'Pass --account-key <key>.' });
  }
  checkAccountKey(key);
  return key;
}

function derivedKey(
  { derivedAccountKey }: Channel,
  set: Readonly<Record<string, Json>>,
): string | undefined {
  if (derivedAccountKey === undefined) return undefined;
  const { from, prefix } = derivedAccountKey;
  const id = set[from];
  if (typeof id === 'string' && id !== '') return prefix + id;
  throw usageError(`Missing required key: ${from}.`, {
    reason: 'The account key is derived from it.',
    hint: `Pass --config ${from}=<value>.`,
  });
}
