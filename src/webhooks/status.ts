import type { SecretSources } from '../accounts/secrets.ts';
import { loadGraphApp, loadKnownApp } from '../channels/meta/app.ts';
import type { WebhookAccount } from '../channels/meta/credentials.ts';
import {
  judgeWebhooks,
  type WebhookExpectation,
  type WebhookProblem,
  webhookFailure,
} from '../channels/meta/webhook-judgement.ts';
import { NO_NUMBER_LEVEL, readAppLevel, type WebhookLevel } from '../channels/meta/webhooks.ts';
import type { Graph } from '../graph/graph.ts';
import type { ChannelctlError } from '../shared/errors.ts';
import { isHealthy, resultOf } from '../shared/problem.ts';

export interface WebhookStatus {
  account_id: string;
  channel: string;
  account_key: string;
  webhook_url: string | null;
  /** The URL that Meta calls; null if there is none or Meta does not report it. */
  called_url: string | null;
  source: WebhookLevel | null;
  /** The fields that Meta sends; null if unknown. */
  fields: string[] | null;
  missing: string[];
  healthy: boolean;
  problems: WebhookProblem[];
}

export type StatusOptions = SecretSources &
  Pick<WebhookExpectation, 'webhookUrl' | 'baseUrl' | 'accounts'> & { graph(): Promise<Graph> };

/**
 * @throws ChannelctlError if the channel has only app-level webhooks and the app's settings are
 *   missing
 */
export async function readWebhookStatus(
  { account, webhooks, credentials }: WebhookAccount,
  options: StatusOptions,
): Promise<WebhookStatus> {
  const { webhookUrl, baseUrl, accounts } = options;
  const { channel, config } = account;
  const [{ id: appId }, settings] = await Promise.all([
    loadKnownApp(channel, options),
    resultOf(loadGraphApp(channel, options)),
  ]);
  // The URLs of a WABA and of a number can be read without the app's settings.
  if (settings.error !== null && webhooks.levels.length === 1) throw settings.error;
  const graph = await options.graph();
  const subscribed = { graph, credentials, config, appId };
  const [app, own, number] = await Promise.all([
    settings.error === null ? resultOf(readAppLevel(graph, settings.value, webhooks.object)) : null,
    resultOf(webhooks.readSubscription(subscribed)),
    resultOf(webhooks.readNumberLevel?.(subscribed) ?? Promise.resolve(NO_NUMBER_LEVEL)),
  ]);
  const expected = { account, webhooks, appId, webhookUrl, baseUrl, accounts };
  const judgement = judgeWebhooks({ app, own, number }, expected);
  const problems = [
    ...settingProblems(settings.error, judgement.calledUrl, baseUrl),
    ...judgement.problems,
  ];
  return {
    account_id: account.id,
    channel,
    account_key: account.account_key,
    webhook_url: webhookUrl(account),
    called_url: judgement.calledUrl,
    source: judgement.source,
    fields: judgement.fields,
    missing: judgement.missing,
    healthy: isHealthy(problems),
    problems,
  };
}

/**
 * Returns a problem for each missing channelctl setting that prevents a check. Such problems do not
 * concern the account itself.
 */
function settingProblems(
  app: ChannelctlError | null,
  calledUrl: string | null,
  baseUrl: string | null,
): WebhookProblem[] {
  const problems: WebhookProblem[] = [];
  if (app !== null) problems.push(webhookFailure('app', 'warning', app));
  if (calledUrl !== null && baseUrl === null) {
    problems.push({
      part: 'address',
      severity: 'warning',
      message: `Meta calls ${calledUrl}. This URL cannot be verified because webhook_base_url is not set.`,
      hint: 'Run: channelctl config set webhook_base_url https://…',
      graph: null,
    });
  }
  return problems;
}
