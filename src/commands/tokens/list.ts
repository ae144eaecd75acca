import { storedTokens } from '../../tokens/stored-tokens.ts';
import { defineCommand } from '../shared/command.ts';
import { formatRelativeTime } from '../shared/option-values.ts';

export const list = defineCommand({
  name: 'list',
  summary: 'List stored tokens and when they expire',
  role: 'supervisor',
  examples: [
    { line: 'tokens list', about: 'List all tokens, without their values' },
    {
      line: 'tokens list -o tsv --fields account_key,expires_in',
      about: 'Print the seconds until expiry, for a script',
    },
  ],
  notes:
    'Does not open the keychain. If no expiry is shown, the token does not expire or its expiry is unknown; tokens inspect reads it from Meta.',
  result: {
    fields: [
      'channel',
      'account_key',
      'account_id',
      'field',
      'kind',
      'stored',
      'expires_at',
      'expires_in',
    ],
    columns: ['channel', 'account_key', 'field', 'kind', 'stored', 'expires_at', 'expires_in'],
    droppable: ['expires_at', 'stored'],
    formatters: {
      expires_in: (value) => (typeof value === 'number' ? formatRelativeTime(value) : '-'),
    },
    whenEmpty: 'No tokens found.',
  },
  async run(_options, { env, profile, now }) {
    const time = now().getTime();
    const data = storedTokens(env, await profile.read()).map((stored) => ({
      channel: stored.owner.channel,
      account_key: stored.account?.account_key ?? null,
      account_id: stored.account?.id ?? null,
      field: stored.field,
      kind: stored.known?.kind ?? null,
      stored: stored.stored,
      expires_at: stored.expiresAt,
      expires_in:
        stored.expiresAt === null ? null : Math.floor((Date.parse(stored.expiresAt) - time) / 1000),
    }));
    return { data };
  },
});
