import type { Graph } from '../../graph/graph.ts';
import type { AccountCheck, Checking, Problem } from '../channel.ts';
import { type Inspection, inspectToken } from '../meta/inspect-token.ts';
import { type Part, problem, readPart, withoutEchoes } from '../problems.ts';
import { messengerProfile } from './messenger-profile.ts';
import { PAGE_FIELDS, PAGE_PERMISSIONS } from './page-rules.ts';

/**
 * Checks that a Page's token works, that the person behind it may answer its messages, and that
 * the app hears of them. The menu and the Get Started button are told as facts.
 */
export const checkPage: AccountCheck = async (checking) => {
  const { account, secrets, app } = checking;
  const token = secrets.get('page_access_token');
  const page_id = String(account.config.page_id ?? '');
  if (token === undefined) {
    const message = 'The Page access token is gone.';
    return { problems: [problem('token', 'error', message, mend(checking))], details: {} };
  }
  const graph = await checking.graph();
  const credentials = { token, appSecret: app?.secret };
  const [inspection, subscriptions, profile] = await Promise.all([
    inspected(graph, checking, token),
    // The Messenger profile is for those alone who have the task MESSAGING or MODERATE.
    readPart(
      'subscription',
      graph.list('listPageSubscriptions', { page_id, fields: 'id,subscribed_fields' }, credentials),
    ),
    readPart('task', messengerProfile(graph, credentials)),
  ]);
  const fields = subscriptions.value === null ? null : ownFields(subscriptions.value, app?.id);
  const problems = [
    ...tokenProblems(checking, inspection),
    profile.problem,
    subscriptions.problem,
    ...(subscriptions.value === null ? [] : subscriptionProblems(checking, fields)),
  ];
  return {
    problems: withoutEchoes(problems.filter((one) => one !== null)),
    details: {
      token_expires_at: inspection?.value?.expires_at ?? null,
      data_access_expires_at: inspection?.value?.data_access_expires_at ?? null,
      scopes: inspection?.value?.scopes ?? null,
      subscribed_fields: fields,
      subscribed_ok: subscriptions.value === null ? null : fields !== null,
      has_menu: profile.value && profile.value.persistent_menu !== null,
      has_get_started: profile.value && profile.value.get_started !== null,
    },
  };
};

/** What Meta knows of the token; null where no app is known to ask in the name of. */
async function inspected(
  graph: Graph,
  { app, clean }: Checking,
  token: string,
): Promise<Part<Inspection> | null> {
  return app === null ? null : readPart('token', inspectToken(graph, app, token, clean));
}

function tokenProblems(checking: Checking, inspection: Part<Inspection> | null): Problem[] {
  if (inspection === null) {
    const message = 'The expiry and the permissions of the token are not known.';
    const hint =
      'Give the app: channelctl integrations set messenger --config app_id=… --config app_secret=@file';
    return [problem('token', 'warning', message, hint)];
  }
  if (inspection.value === null) return [inspection.problem];
  const { is_valid, error, scopes } = inspection.value;
  if (!is_valid) {
    const why = error?.message ?? 'Meta does not say why.';
    return [problem('token', 'error', `The token is not valid any more: ${why}`, mend(checking))];
  }
  const missing = PAGE_PERMISSIONS.filter((permission) => !scopes.includes(permission));
  if (missing.length === 0) return [];
  const message = `The token lacks the permission ${missing.join(', ')}.`;
  return [problem('token', 'error', message, mend(checking))];
}

/** The webhook fields of our app; of any app where ours is not known. Null where it is not there. */
function ownFields(
  apps: readonly { id: string; subscribed_fields?: string[] | null | undefined }[],
  appId: string | undefined,
): string[] | null {
  const own = apps.filter(({ id }) => appId === undefined || id === appId);
  return own.length === 0 ? null : own.flatMap((app) => app.subscribed_fields ?? []);
}

function subscriptionProblems(checking: Checking, fields: readonly string[] | null): Problem[] {
  if (fields === null) {
    const message = "The app is not subscribed to the Page's webhooks.";
    return [problem('subscription', 'error', message, mend(checking))];
  }
  const missing = PAGE_FIELDS.filter((field) => !fields.includes(field));
  if (missing.length === 0) return [];
  const severity = missing.includes('messages') ? 'error' : 'warning';
  const message = `These webhook fields are not subscribed to: ${missing.join(', ')}.`;
  return [problem('subscription', severity, message, mend(checking))];
}

function mend({ account }: Checking): string {
  return `Connect the Page again: channelctl messenger connect --page ${account.config.page_id}`;
}
