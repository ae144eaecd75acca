import { accountName, findAccount } from '../../channels/accounts.ts';
import { checkingOf } from '../../channels/check.ts';
import { lostSecret } from '../../channels/lost-secret.ts';
import { metaApp } from '../../channels/meta-app.ts';
import { knownAccountToken } from '../../channels/tokens.ts';
import { usageError } from '../../shared/errors.ts';
import { defineVerb } from '../command.ts';

interface Options {
  account: string;
}

export const inspect = defineVerb<Options>({
  name: 'inspect',
  summary: "Ask Meta what an account's token is worth",
  role: 'admin',
  examples: [
    { line: 'tokens inspect messenger/fb-1065', about: 'Validity, permissions, expiry' },
    { line: 'tokens inspect fb-1065 --json --fields missing_scopes', about: 'What it lacks' },
  ],
  notes: 'Exits with 6 where the token is not valid. An expires_at of null means never.',
  result: {
    fields: [
      'account_id',
      'account_key',
      'channel',
      'field',
      'is_valid',
      'app_id',
      'application',
      'type',
      'scopes',
      'missing_scopes',
      'mend',
      'expires_at',
      'data_access_expires_at',
      'error',
    ],
  },
  register: (command) =>
    command.argument('<account>', 'id, beginning of the id, channel/account_key, or account_key'),
  async run(options, deps) {
    const account = findAccount(await deps.profile.read(), options.account);
    const known = knownAccountToken(account);
    if (known === undefined) {
      throw usageError(
        `${accountName(account)} has no token of Meta's.`,
        `Accounts of ${account.channel} sign in otherwise.`,
        'Check it with: channelctl accounts check',
      );
    }
    const app = await metaApp(account.channel, deps);
    const { secrets, clean } = await checkingOf(account, deps);
    const token = secrets.get(known.field);
    if (token === undefined) {
      throw lostSecret(`${known.field} of ${accountName(account)}`, known.mend(account));
    }
    const { inspectToken } = await import('../../channels/token-inspection.ts');
    const inspection = await inspectToken(await deps.graph(), app, token, clean);
    const missing_scopes = inspection.is_valid
      ? known.permissions.filter((permission) => !inspection.scopes.includes(permission))
      : [];
    const isMended = inspection.is_valid && missing_scopes.length === 0;
    return {
      data: {
        account_id: account.id,
        account_key: account.account_key,
        channel: account.channel,
        field: known.field,
        ...inspection,
        missing_scopes,
        mend: isMended ? null : known.mend(account),
      },
      ...(inspection.is_valid ? {} : { kind: 'unhealthy' }),
    };
  },
});
