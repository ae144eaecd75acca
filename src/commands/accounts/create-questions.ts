import { accountByKey, checkAccountKey } from '../../accounts/accounts.ts';
import type { ConfigChange, KnownKey } from '../../accounts/config.ts';
import type { Channel, ConnectStepName } from '../../channels/channel.ts';
import { CHANNEL_NAMES, CHANNELS } from '../../channels/index.ts';
import type { ProfileState } from '../../profile/types.ts';
import { ChannelctlError, usageError } from '../../shared/errors.ts';
import type { Json } from '../../shared/json.ts';
import { isSecretKey, lastFour, maskOf } from '../../shared/secrets.ts';
import type { CommandContext } from '../shared/command-context.ts';

/** The answers so far by key, which are proposed if the questions are asked again. */
export type Answers = Map<string, string>;

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

interface Question {
  label: string;
  isSecret: boolean;
  isRequired: boolean;
  /** Completes "leave empty …" for an optional answer without a proposal. */
  whenEmpty?: string | undefined;
  proposal: string;
  problem?(answer: string): string | undefined;
}

/** Asks until the answer is valid. An earlier answer takes precedence over the proposal. */
async function ask(
  name: string,
  { label, isSecret, isRequired, whenEmpty = 'if none', proposal, problem }: Question,
  answers: Answers,
  { terminal, redactor }: CommandContext,
): Promise<string> {
  const earlier = answers.get(name);
  const initial = earlier ?? proposal;
  const keeps = isSecret && earlier !== undefined;
  const note = keeps
    ? ` (press Enter to keep ${maskOf(lastFour(earlier))})`
    : isRequired || initial !== ''
      ? ''
      : ` (leave empty ${whenEmpty})`;
  const answer = await terminal.askText(label + note, {
    secret: isSecret,
    ...(!isSecret && initial !== '' && { initial }),
    check: (text) => {
      if (text === '' && (keeps || !isRequired)) return undefined;
      return text === '' ? `${label} is required.` : problem?.(text);
    },
  });
  const value = answer.trim() === '' && keeps ? earlier : answer.trim();
  if (isSecret) redactor.add(value);
  if (value !== '') answers.set(name, value);
  else answers.delete(name);
  return value;
}

export interface Missing {
  channel: Channel;
  state: ProfileState;
  steps: ReadonlySet<ConnectStepName>;
  /** The secrets in variables or from an earlier attempt, by key. */
  has: ReadonlyMap<string, string>;
}

/** Asks for the values that the channel needs and the options do not contain. */
export async function askForMissing(
  keys: readonly KnownKey[],
  { channel, state, steps, has }: Missing,
  change: ConfigChange,
  answers: Answers,
  context: CommandContext,
): Promise<ConfigChange> {
  if (!context.terminal.interactive) return change;
  const set: Record<string, Json> = { ...change.set };
  for (const { name, label, required, whenEmpty, ...key } of keys) {
    if (set[name] !== undefined || has.has(name)) continue;
    const isRequired = required === true;
    const proposal = isRequired ? '' : key.proposal?.(set, steps);
    if (proposal === undefined) continue;
    const problem = (text: string) => {
      const end = key.problem?.(text);
      if (end !== undefined) return isSecretKey(name) ? `The value ${end}.` : `"${text}" ${end}.`;
      const { from, prefix } = channel.derivedAccountKey ?? {};
      return name === from ? takenProblem(state, channel, `${prefix}${text}`) : undefined;
    };
    const question = { label, isSecret: isSecretKey(name), isRequired, whenEmpty, proposal };
    const answer = await ask(name, { ...question, problem }, answers, context);
    if (answer !== '') set[name] = answer;
  }
  return { ...change, set };
}

/** The name of the account key among the answers; no configuration key has a space. */
const ACCOUNT_KEY = 'account key';

export async function chooseKey(
  { channel, state }: Pick<Missing, 'channel' | 'state'>,
  accountKey: string | undefined,
  { set }: ConfigChange,
  answers: Answers,
  context: CommandContext,
): Promise<string> {
  const derived = derivedKey(channel, set);
  if (derived !== undefined) {
    if (accountKey === undefined || accountKey === derived) return derived;
    throw usageError(`Invalid account key: "${accountKey}".`, {
      reason: `The key of this account must be ${derived}.`,
      hint: 'Omit --account-key.',
    });
  }
  const question = {
    label: 'Account key',
    isSecret: false,
    isRequired: true,
    proposal: channel.proposedAccountKey?.(set) ?? '',
    problem: (key: string) => keyProblem(key) ?? takenProblem(state, channel, key),
  };
  const asks = accountKey === undefined && context.terminal.interactive;
  const key = accountKey ?? (asks ? await ask(ACCOUNT_KEY, question, answers, context) : '');
  if (key === '') {
    throw usageError('No account key specified.', { hint: 'Pass --account-key <key>.' });
  }
  checkAccountKey(key);
  return key;
}

function keyProblem(key: string): string | undefined {
  try {
    checkAccountKey(key);
    return undefined;
  } catch (error) {
    if (error instanceof ChannelctlError) return error.description;
    throw error;
  }
}

function takenProblem(state: ProfileState, { name }: Channel, key: string): string | undefined {
  return accountByKey(state, name, key) && `The account ${name}/${key} already exists.`;
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

/**
 * Reports an error, and asks whether to correct the answers that may have caused it.
 *
 * @returns whether to ask the questions again
 */
export async function offerCorrection(
  error: unknown,
  answers: Answers,
  { terminal, assumeYes }: CommandContext,
): Promise<boolean> {
  if (!(error instanceof ChannelctlError) || answers.size === 0 || assumeYes) return false;
  if (['storage', 'cancelled', 'internal'].includes(error.kind)) return false;
  terminal.print(`${terminal.style.error('error:')} ${error.message}`);
  for (const line of [error.reason, error.hint]) if (line !== '') terminal.print(`  ${line}`);
  return terminal.confirm('Correct your answers and try again?');
}
