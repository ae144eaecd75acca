import type { Graph } from '../../graph/graph.ts';
import { type Problem, problem, problemOf, type Result, resultOf } from '../../shared/problem.ts';
import type { AccountCheck, AccountCheckContext } from '../channel.ts';
import { inspectToken, reportedExpiry, type TokenInspection } from '../meta/inspect-token.ts';
import {
  otherIssuer,
  tokenProblems,
  withoutProofErrors,
  withoutTokenRepeats,
} from '../meta/token-judgement.ts';
import { checkWebhooks } from '../meta/webhook-judgement.ts';
import { readMessengerProfile } from './api.ts';
import { messengerWebhooks, PAGE_PERMISSIONS } from './webhooks.ts';

export const checkPage: AccountCheck = async (checking) => {
  const { credentials } = checking;
  if (credentials === null) {
    const message = 'The Page access token is missing.';
    const problems = [problem('token', 'error', message, reconnectHint(checking))];
    return { problems, delivery: null, details: {} };
  }
  const graph = await checking.graph();
  const [inspection, webhooks, profile] = await Promise.all([
    inspect(graph, checking, credentials.token),
    checkWebhooks(messengerWebhooks, checking, credentials),
    // Meta shows the Messenger profile only to users with the task MESSAGING or MODERATE.
    resultOf(readMessengerProfile(graph, credentials)),
  ]);
  const { subscription } = webhooks;
  const problems = [
    ...pageTokenProblems(checking, inspection),
    ...(profile.error === null ? [] : [problemOf('task', profile.error)]),
    ...webhooks.problems,
  ];
  return {
    problems: withoutTokenRepeats(
      otherIssuer(inspection, checking.appId) === null ? problems : withoutProofErrors(problems),
    ),
    delivery: webhooks.delivery,
    tokenExpiry: reportedExpiry(inspection?.value ?? null),
    details: {
      token_expires_at: inspection?.value?.expires_at ?? null,
      data_access_expires_at: inspection?.value?.data_access_expires_at ?? null,
      scopes: inspection?.value?.scopes ?? null,
      subscribed_fields: subscription?.subscribed ? subscription.fields : null,
      subscribed_ok: subscription?.subscribed ?? null,
      has_menu: profile.value && profile.value.persistent_menu !== null,
      has_get_started: profile.value && profile.value.get_started !== null,
    },
  };
};

async function inspect(
  graph: Graph,
  { app, sanitize }: AccountCheckContext,
  token: string,
): Promise<Result<TokenInspection> | null> {
  return app === null ? null : resultOf(inspectToken(graph, app, token, sanitize));
}

function pageTokenProblems(
  checking: AccountCheckContext,
  inspection: Result<TokenInspection> | null,
): Problem[] {
  const { account, appId, tokenExpiresAt: storedExpiry, now } = checking;
  const problems = tokenProblems(inspection, {
    appId,
    permissions: PAGE_PERMISSIONS,
    target: { label: 'Page', id: String(account.config.page_id) },
    renewHint: reconnectHint(checking),
    appCommand: 'channelctl integrations set messenger',
    storedExpiry,
    now,
  });
  return [...accessProblems(checking, inspection), ...problems];
}

function accessProblems(
  checking: AccountCheckContext,
  inspection: Result<TokenInspection> | null,
): Problem[] {
  if (inspection === null) {
    const message = 'The expiry and permissions of the token are unknown.';
    const hint =
      'Set the app ID and app secret: channelctl integrations set messenger --config app_id=… --config app_secret=@file';
    return [problem('token', 'warning', message, hint)];
  }
  if (otherIssuer(inspection, checking.appId) !== null) return [];
  if (inspection.error !== null) return [problemOf('token', inspection.error)];
  const { is_valid, error, scopes } = inspection.value;
  if (!is_valid) {
    const why = error?.message ?? 'Meta gave no reason.';
    return [
      problem('token', 'error', `The token is no longer valid: ${why}`, reconnectHint(checking)),
    ];
  }
  const missing = PAGE_PERMISSIONS.filter((permission) => !scopes.includes(permission));
  if (missing.length === 0) return [];
  const message = `The token lacks required permissions: ${missing.join(', ')}.`;
  return [problem('token', 'error', message, reconnectHint(checking))];
}

function reconnectHint({ account }: AccountCheckContext): string {
  return `Connect the Page again: channelctl messenger connect --page ${account.config.page_id}`;
}
