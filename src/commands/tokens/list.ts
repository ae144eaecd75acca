import { heldTokens } from '../../tokens/stored-tokens.ts';
import { defineCommand } from '../shared/command.ts';
import { spanWords } from '../shared/duration.ts';

export const list = defineCommand({
  name: 'list',
  summary: 'List the tokens of integrations and accounts, and when they expire',
  role: 'supervisor',
  examples: [
    { line: 'tokens list', about: 'All of them; the tokens themselves are never shown' },
    {
      line: 'tokens list -o tsv --fields account_key,expires_in',
      about: 'For a script, in seconds',
    },
  ],
  notes:
    'No keychain is opened for it. A token without an expiry does not expire, or nobody told when:\ntokens inspect asks Meta.',
  result: {
    fields: [
      'channel',
      'account_key',
      'account_id',
      'field',
      'kind',
      'kept',
      'expires_at',
      'expires_in',
    ],
    columns: ['channel', 'account_key', 'field', 'kind', 'kept', 'expires_at', 'expires_in'],
    leaving: ['expires_at', 'kept'],
    words: { expires_in: (value) => (typeof value === 'number' ? spanWords(value) : '-') },
    whenEmpty: 'channelctl holds no tokens.',
  },
  async run(_options, { env, profile, now }) {
    const time = now().getTime();
    const data = heldTokens(env, await profile.read()).map((held) => ({
      channel: held.owner.channel,
      account_key: held.account?.account_key ?? null,
      account_id: held.account?.id ?? null,
      field: held.field,
      kind: held.known?.kind ?? null,
      kept: held.kept,
      expires_at: held.expiresAt,
      expires_in:
        held.expiresAt === null ? null : Math.floor((Date.parse(held.expiresAt) - time) / 1000),
    }));
    return { data };
  },
});
