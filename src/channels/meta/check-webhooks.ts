import type { Credentials } from '../../graph/graph.ts';
import { type Problem, resultOf } from '../../shared/problem.ts';
import type { Checking } from '../channel.ts';
import { judgeWebhooks, subscriptionPart } from './webhook-judgement.ts';
import { type ChannelWebhooks, NO_NUMBER_LEVEL, type Subscription } from './webhooks.ts';

/** Checks the webhooks of a channel that has no URL per number. */
export async function checkWebhooks(
  webhooks: ChannelWebhooks,
  checking: Checking,
  credentials: Credentials,
): Promise<{ subscription: Subscription | null; problems: Problem[] }> {
  const { account, appId, appLevel } = checking;
  const graph = await checking.graph();
  const [app, own] = await Promise.all([
    appLevel(),
    resultOf(webhooks.readSubscription({ graph, credentials, config: account.config, appId })),
  ]);
  const reading = { app, own, number: { value: NO_NUMBER_LEVEL, error: null } };
  const judgement = judgeWebhooks(reading, { ...checking, webhooks });
  return {
    subscription: own.value,
    problems: subscriptionPart(webhooks.part, judgement, reading),
  };
}
