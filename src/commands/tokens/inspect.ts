import { accountName, findAccount } from '../../accounts/accounts.ts';
import type { ChannelToken } from '../../channels/channel.ts';
import { channelNamed } from '../../channels/index.ts';
import { loadGraphOrOwnApp, loadMetaApp } from '../../channels/meta/app.ts';
import { loadAccountCredentials } from '../../channels/meta/credentials.ts';
import type { TokenInspection } from '../../channels/meta/inspect-token.ts';
import type { StoredAccount } from '../../profile/types.ts';
import { usageError } from '../../shared/errors.ts';
import { sanitize } from '../../shared/foreign/sanitize.ts';
import { fieldsIn } from '../../ui/output/fields.ts';
import { ACCOUNT_ARGUMENT } from '../shared/account-argument.ts';
import { defineCommand } from '../shared/command.ts';

export const inspect = defineCommand({
  name: 'inspect',
  summary: "Show an account's token: validity, expiry, permissions",
  role: 'admin',
  examples: [
    {
      line: 'tokens inspect messenger/fb-1065',
      about: 'Show the validity, expiry and permissions of a token',
    },
    {
      line: 'tokens inspect fb-1065 --json --fields missing_scopes',
      about: 'Show only the missing permissions',
    },
  ],
  notes:
    'Exits with code 6 if the token is invalid, lacks a permission that the account needs, or belongs to another app, or if data access has expired. If expires_at is null, the token does not expire.',
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
      'fix',
      'expires_at',
      'data_access_expires_at',
      ...fieldsIn('error', ['code', 'subcode', 'message']),
    ],
  },
  arguments: ACCOUNT_ARGUMENT,
  async run(options, context) {
    const account = findAccount(await context.profile.read(), options.account);
    const { label, token: known, usesMetaApp } = channelNamed(account.channel);
    if (known === undefined) {
      throw usageError(`${accountName(account)} has no Meta access token.`, {
        reason: `${label} accounts do not use one.`,
        hint: `To check the account, run: channelctl accounts check ${accountName(account)}`,
      });
    }
    const app = await loadMetaApp(account.channel, context);
    const graphApp = await loadGraphOrOwnApp(account.channel, context);
    const { credentials } = await loadAccountCredentials(account.id, context);
    const { token } = credentials;
    const { redactor } = context;
    redactor.add(token);
    const { grantedElsewhere, inspectToken } = await import('../../channels/meta/inspect-token.ts');
    const { targets, isPermanent, ...inspection } = await inspectToken(
      await context.graph(),
      graphApp,
      token,
      (text) => sanitize(text, redactor),
    );
    const { is_valid, scopes } = inspection;
    const target = targetOf(known, account);
    const elsewhere =
      is_valid && target !== null
        ? grantedElsewhere({ targets }, known.permissions, target.id)
        : [];
    const missing_scopes = known.permissions.filter(
      (name) => is_valid && (!scopes.includes(name) || elsewhere.includes(name)),
    );
    const problems = [
      ...elsewhere.map(
        (name) => `The permission ${name} was not granted for ${target?.key} ${target?.id}.`,
      ),
      ...tokenProblems(inspection, usesMetaApp, app.id, context.now()),
    ];
    for (const problem of problems)
      context.warn(problem, `To get a new token, run: ${known.renewCommand(account)}`);
    const isUsable = is_valid && missing_scopes.length === 0 && problems.length === 0;
    return {
      data: {
        account_id: account.id,
        account_key: account.account_key,
        channel: account.channel,
        field: known.field,
        ...inspection,
        missing_scopes,
        fix: isUsable ? null : known.renewCommand(account),
      },
      ...(isUsable ? {} : { kind: 'unhealthy' }),
    };
  },
});

function targetOf({ target }: ChannelToken, { config }: StoredAccount) {
  return target === undefined ? null : { key: target, id: String(config[target]) };
}

/** Returns problems that the fields of the result do not show; none for an invalid token. */
function tokenProblems(
  { is_valid, app_id, data_access_expires_at }: Omit<TokenInspection, 'targets' | 'isPermanent'>,
  usesMetaApp: boolean,
  ownApp: string,
  now: Date,
): string[] {
  if (!is_valid) return [];
  const problems: string[] = [];
  if (app_id !== null && app_id !== ownApp && usesMetaApp) {
    problems.push(`The token belongs to app ${app_id}, but the integration uses app ${ownApp}.`);
  }
  if (data_access_expires_at !== null && Date.parse(data_access_expires_at) <= now.getTime()) {
    problems.push('Data access has expired: the user must sign in again.');
  }
  return problems;
}
