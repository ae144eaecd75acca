import type { integrationView } from '../../accounts/account-view.ts';
import type { ConfigChange, KnownKey } from '../../accounts/config.ts';
import { masks } from '../../accounts/secrets.ts';
import type { Channel } from '../../channels/channel.ts';
import { hasApp, knownSecrets } from '../../channels/index.ts';
import { usageError } from '../../shared/errors.ts';
import { isSecretKey } from '../../shared/secrets.ts';
import { listNames } from '../../shared/text.ts';
import type { CommandContext } from '../shared/command-context.ts';
import { CANNOT_PROMPT } from '../shared/confirm.ts';

function flagOf({ name }: KnownKey): string {
  return `--config ${name}=${isSecretKey(name) ? 'env:NAME' : '<value>'}`;
}

/**
 * Asks for the values of the channel's known keys, each until it is valid or empty.
 *
 * @throws ChannelctlError `usage` if prompts are not possible
 */
export async function askForKeys(channel: Channel, context: CommandContext): Promise<ConfigChange> {
  if (!context.terminal.interactive) {
    throw usageError(`No configuration specified for ${channel.name}.`, {
      reason: CANNOT_PROMPT,
      hint: `Pass ${channel.integrationKeys.map(flagOf).join(' ') || '--active'}.`,
    });
  }
  const { integrations } = await context.profile.read();
  const stored = integrations.find((one) => one.channel === channel.name);
  const owner = { channel: channel.name };
  const shown = masks(context.env, owner, stored, knownSecrets(owner));
  const answers = new Map<string, string>();
  for (const { name, label, problem } of channel.integrationKeys) {
    const secret = isSecretKey(name);
    const current = stored?.config[name];
    const mask = shown.get(name);
    const question = mask === undefined ? label : `${label} (press Enter to keep ${mask})`;
    const answer = await context.terminal.askText(question, {
      secret,
      ...(typeof current === 'string' && { initial: current }),
      check: (text) => {
        const end = text === '' || text === mask ? undefined : problem?.(text);
        if (end === undefined) return undefined;
        return secret ? `The value ${end}.` : `"${text}" ${end}.`;
      },
    });
    if (secret) context.redactor.add(answer);
    if (answer.trim() !== '') answers.set(name, answer.trim());
  }
  return { set: Object.fromEntries(answers), unset: [] };
}

/** Reports which keys were stored, which are missing, and that Meta has not checked them. */
export function summarizeIntegration(
  channel: Channel,
  { set }: ConfigChange,
  { config }: ReturnType<typeof integrationView>,
): string {
  const stored = Object.keys(set);
  const missing = channel.integrationKeys
    .map(({ name }) => name)
    .filter((name) => config[name] === undefined);
  const next = channel.connectCommand?.(config);
  return [
    `Stored the settings of ${channel.label}.`,
    '',
    `  stored        ${stored.length === 0 ? 'nothing new' : listNames(stored)}`,
    ...(missing.length === 0 ? [] : [`  not set       ${listNames(missing)}`]),
    ...(hasApp(channel)
      ? ['  not checked   whether Meta accepts the values; to check, run: channelctl doctor']
      : []),
    ...(next === undefined ? [] : ['', `Next, run: channelctl ${next}`]),
  ].join('\n');
}
