import { checkAccountKey } from '../../accounts/accounts.ts';
import { type ConfigChange, checkKnownValue, type KnownKey } from '../../accounts/config.ts';
import type { Channel, ConnectStepName } from '../../channels/channel.ts';
import { CHANNEL_NAMES, CHANNELS } from '../../channels/index.ts';
import { usageError } from '../../shared/errors.ts';
import type { Json } from '../../shared/json.ts';
import { isSecretKey } from '../../shared/secrets.ts';
import type { CommandContext } from '../shared/command-context.ts';

/** @throws ChannelctlError `usage` for an option that the channel does not have */
export function checkSteps(
  { label, createOptions }: Channel,
  { register, subscribe }: Record<ConnectStepName, boolean>,
): void {
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

export async function chooseChannel({ terminal }: CommandContext): Promise<string> {
  if (terminal.interactive) {
    const choices = CHANNELS.map(({ name, label }) => ({ value: name, label }));
    return terminal.chooseOne('Which channel?', choices);
  }
  throw usageError('No channel specified.', {
    hint: `Pass --channel with one of ${CHANNEL_NAMES.join(', ')}.`,
  });
}

export async function askForMissing(
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

export async function chooseKey(
  channel: Channel,
  accountKey: string | undefined,
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
