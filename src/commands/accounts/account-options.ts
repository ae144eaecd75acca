import type { Channel } from '../../channels/channel.ts';
import { CHANNELS } from '../../channels/index.ts';
import {
  ACTIVE_OPTIONS,
  CHANNEL_ARGUMENT,
  CONFIG_OPTIONS,
  UNSET_OPTION,
} from '../shared/config-options.ts';

type CreateOption = keyof NonNullable<Channel['createOptions']>;

const ACCOUNT_OPTIONS = {
  '--account-key <key>': 'account key, unique within the channel',
  '--display-name <name>': 'human-readable name ("" for none)',
  '--default': 'make this the default account of its channel',
  '--division-id <id>': 'division of the account ("" for none)',
  ...ACTIVE_OPTIONS,
  ...CONFIG_OPTIONS,
} as const;

export const CREATE_OPTIONS = {
  '--channel <channel>': CHANNEL_ARGUMENT,
  ...ACCOUNT_OPTIONS,
  '--no-register': describeOption('--no-register'),
  '--no-subscribe': describeOption('--no-subscribe'),
} as const;

export const UPDATE_OPTIONS = { ...ACCOUNT_OPTIONS, ...UNSET_OPTION } as const;

export function describeKeys(channels: readonly Channel[]): string {
  const lines = channels.map(({ name, accountKeys }) => {
    const keys = accountKeys.map((key) => (key.required === true ? key.name : `[${key.name}]`));
    return `  ${name.padEnd(10)} ${keys.join(' ')}`;
  });
  return `Keys for --config (optional keys in brackets):\n${lines.join('\n')}`;
}

function describeOption(option: CreateOption): string {
  return CHANNELS.flatMap(({ label, createOptions }) => {
    const about = createOptions?.[option];
    return about === undefined ? [] : [`${label}: ${about}`];
  }).join('; ');
}
