import { accountView } from '../../accounts/account-view.ts';
import { assertKeyAvailable, upsertAccount } from '../../accounts/accounts.ts';
import type { ConfigChange } from '../../accounts/config.ts';
import { dropPending, pendingSecrets } from '../../accounts/pending-connections.ts';
import { masks, type Owner } from '../../accounts/secrets.ts';
import type { Channel, ConnectStepName } from '../../channels/channel.ts';
import { type ConnectedAccount, connectThenStore } from '../../channels/connect.ts';
import { channelNamed, knownSecrets } from '../../channels/index.ts';
import type { ProfileState, StoredConfig } from '../../profile/types.ts';
import type { CommandContext } from '../shared/command-context.ts';
import { activeOption, updatedText } from '../shared/config-options.ts';
import { confirm } from '../shared/confirm.ts';
import type { OptionsOf } from '../shared/options.ts';
import { withProgress } from '../shared/progress.ts';
import { readConfigOptions } from '../shared/read-config-options.ts';
import { viewOptions } from '../shared/view-options.ts';
import { checkAccountConfig, mergeAccountConfig } from './account-config.ts';
import type { CREATE_OPTIONS } from './account-options.ts';
import {
  type Answers,
  askForMissing,
  checkSteps,
  chooseChannel,
  chooseKey,
  offerCorrection,
} from './create-questions.ts';
import { summarizeCreation } from './create-summary.ts';

type Options = OptionsOf<typeof CREATE_OPTIONS>;

export async function createAccount(options: Options, context: CommandContext) {
  const view = viewOptions(context);
  const channel = channelNamed(options.channel ?? (await chooseChannel(context)));
  checkSteps(channel, options);
  activeOption(options); // Rejects a contradiction before anything is asked.
  const given = await readConfigOptions(options, context);
  const answers: Answers = new Map();
  for (;;) {
    try {
      const { stored, connected } = await attempt(channel, given, answers, options, context);
      const data = accountView(view, stored);
      const steps = stepsOf(options);
      const { secretStore } = context.settings;
      return {
        data,
        summary: summarizeCreation({ channel, stored, data, connected, steps, secretStore }),
      };
    } catch (error) {
      if (!(await offerCorrection(error, answers, context))) throw error;
    }
  }
}

/** Asks for missing values, connects the account and stores it. */
async function attempt(
  channel: Channel,
  given: ConfigChange,
  answers: Answers,
  options: Options,
  context: CommandContext,
) {
  const state = await context.profile.read();
  const steps = stepsOf(options);
  const [first, ...others] = channel.accountKeys;
  const missing = { channel, state, steps, has: new Map<string, string>() };
  const naming = first === undefined ? [] : [first];
  const named = await askForMissing(naming, missing, given, answers, context);
  const account_key = await chooseKey(missing, options.accountKey, named, answers, context);
  const owner = { channel: channel.name, account_key };
  assertKeyAvailable(state, channel.name, account_key);
  const pending = pendingConfig(state, owner);
  const has = masks(context.env, owner, pending, knownSecrets(owner));
  const complete = await askForMissing(others, { ...missing, has }, named, answers, context);
  const change = checkAccountConfig(channel, owner, pending, complete, context);
  const store = async (connected: ConnectedAccount) => {
    const { displayName, configChange } = connected;
    const stored = await context.profile.change((draft, secrets) => {
      const before = pendingConfig(draft, owner);
      dropPending(draft, owner);
      const full = {
        set: { ...change.set, ...configChange.set },
        unset: configChange.unset,
      };
      const merged = mergeAccountConfig(channel, owner, before, full, secrets, context);
      assertKeyAvailable(draft, channel.name, account_key);
      const initial = {
        is_active: activeOption(options) ?? true,
        is_default: options.default === true,
        division_id: updatedText(options.divisionId, context.settings.value('division_id')),
      };
      const display_name = updatedText(options.displayName, displayName);
      return upsertAccount(draft, { ...owner, ...merged, display_name, initial }, context);
    });
    return { stored, connected };
  };
  const request = { channel, owner, given: change.set, steps };
  return withProgress(context.terminal, 'Creating the account', (progress) => {
    const confirmed = (question: string) => {
      progress.stop();
      return confirm(context, question);
    };
    return connectThenStore({ ...context, confirm: confirmed }, request, store);
  });
}

function stepsOf({ register, subscribe }: Options): ReadonlySet<ConnectStepName> {
  const wanted = { register, subscribe };
  return new Set((['register', 'subscribe'] as const).filter((step) => wanted[step]));
}

function pendingConfig(state: ProfileState, owner: Required<Owner>): StoredConfig {
  return { config: {}, secrets: pendingSecrets(state, owner) };
}
