import { accountName } from '../accounts/accounts.ts';
import type { MetaApp } from '../channels/meta/app.ts';
import type { MetaAccount } from '../channels/meta/credentials.ts';
import type { Part } from '../channels/whatsapp/findings.ts';
import type { Graph } from '../graph/graph.ts';
import type { GraphFault } from '../shared/errors.ts';
import { type Levels, readLevels } from './levels.ts';

interface WebhookProblem {
  /** The level that it concerns. */
  part: 'app' | 'account' | 'number' | 'address' | 'fields';
  severity: 'error' | 'warning';
  message: string;
  hint: string;
  graph: GraphFault | null;
}

/** Which address Meta really calls for an account, and what it sends there. */
export interface WebhookStatus {
  account_id: string;
  channel: string;
  account_key: string;
  /** Where the webhooks are to arrive; null where no base address is set. */
  webhook_url: string | null;
  /** Null where Meta calls none, or does not tell. */
  called_url: string | null;
  source: 'number' | 'waba' | 'app' | null;
  /** The fields that Meta sends; null where it does not tell. */
  fields: string[] | null;
  missing: string[];
  healthy: boolean;
  problems: WebhookProblem[];
}

export interface StatusOptions {
  graph: Graph;
  app: Part<MetaApp>;
  webhookUrl: string | null;
  /** The setting webhook_base_url. */
  baseUrl: string | null;
}

export async function webhookStatus(
  subject: MetaAccount,
  options: StatusOptions,
): Promise<WebhookStatus> {
  const levels = await readLevels(options.graph, subject, options.app);
  const called = calledAddress(levels);
  const fields = sentFields(levels);
  const missing = subject.rules.fields.filter((field) => fields?.includes(field) === false);
  const { account } = subject;
  const problems = [
    ...failures(levels, called.source !== null),
    ...subscriptionProblems(subject, levels),
    ...addressProblems(subject, called.address, levels, options),
    ...fieldProblems(subject, missing, levels, options),
  ];
  return {
    account_id: account.id,
    channel: account.channel,
    account_key: account.account_key,
    webhook_url: options.webhookUrl,
    called_url: called.address,
    source: called.source,
    fields,
    missing,
    healthy: problems.every(({ severity }) => severity !== 'error'),
    problems,
  };
}

/** The nearest address wins: the number's, then the WABA's, then the app's. */
function calledAddress({ app, own, number }: Levels): {
  address: string | null;
  source: WebhookStatus['source'];
} {
  const told = 'value' in number ? number.value : null;
  const addresses = [
    ['number', told?.number],
    ['waba', ('value' in own ? own.value.override : null) ?? told?.waba],
    ['app', ('value' in app ? app.value?.address : null) ?? told?.app],
  ] as const;
  for (const [source, address] of addresses) if (address) return { address, source };
  return { address: null, source: null };
}

/** Meta sends what the app and the account have both subscribed to. */
function sentFields({ app, own }: Levels): string[] | null {
  const ofApp = 'value' in app ? (app.value?.fields ?? []) : null;
  const ofOwn = 'value' in own ? own.value.fields : null;
  if (ofApp === null) return ofOwn === null ? null : [...ofOwn];
  return ofOwn === null ? [...ofApp] : ofOwn.filter((field) => ofApp.includes(field));
}

function failures(levels: Levels, isAddressKnown: boolean): WebhookProblem[] {
  const parts = [
    ['app', levels.app],
    ['account', levels.own],
    ['number', levels.number],
  ] as const;
  return parts.flatMap(([part, found]) => {
    if (!('error' in found)) return [];
    const { description: message, hint, graph, kind } = found.error;
    const isMinor = kind === 'usage' && isAddressKnown;
    const severity = isMinor ? 'warning' : 'error';
    return [{ part, severity, message, hint, graph }];
  });
}

function subscriptionProblems({ account }: MetaAccount, { app, own }: Levels): WebhookProblem[] {
  const name = accountName(account);
  const problems: WebhookProblem[] = [];
  if ('value' in own && !own.value.subscribed) {
    const hints: Record<string, string> = {
      whatsapp: `Subscribe it: channelctl whatsapp subscribe ${name}`,
      messenger: `Connect the Page again: channelctl messenger connect --page ${account.config.page_id}`,
      instagram: 'Connect the profile again: channelctl instagram connect',
    };
    problems.push({
      part: 'account',
      severity: 'error',
      message: `The app is not subscribed to the webhooks of ${name}, so that no message arrives.`,
      hint: hints[account.channel] ?? '',
      graph: null,
    });
  }
  if ('value' in app && app.value?.active === false) {
    problems.push({
      part: 'app',
      severity: 'error',
      message: "Meta has switched the app's webhooks off: the address failed for too long.",
      hint: `Mend what answers there, then set it again: channelctl webhooks set ${name}`,
      graph: null,
    });
  }
  return problems;
}

function addressProblems(
  { account }: MetaAccount,
  called: string | null,
  levels: Levels,
  { webhookUrl, baseUrl }: StatusOptions,
): WebhookProblem[] {
  const set = `channelctl webhooks set ${accountName(account)}`;
  const about = (severity: WebhookProblem['severity'], message: string, hint: string) => [
    { part: 'address' as const, severity, message, hint, graph: null },
  ];
  if (called === null) {
    // Where a level could not be read, that is the problem, and it is told already.
    const isUnknown = 'error' in levels.app || 'error' in levels.own;
    if (isUnknown) return [];
    return about('error', 'Meta has no address to call for this account.', `Set one: ${set}`);
  }
  if (webhookUrl === null || baseUrl === null) {
    const message = `Meta calls ${called}; whether that is yours is not known, for webhook_base_url is not set.`;
    return about('warning', message, 'Run: channelctl config set webhook_base_url https://…');
  }
  if (called === webhookUrl) return [];
  if (called.startsWith(`${baseUrl.replace(/\/+$/, '')}/`)) {
    const message = `Meta calls ${called}, which is yours, but not the webhook_url of this account.`;
    return about('warning', message, `Where it has to be this account's: ${set}`);
  }
  const message = `Meta calls ${called}, which is not under ${baseUrl}.`;
  return about('error', message, `Have ${webhookUrl} called: ${set}`);
}

function fieldProblems(
  subject: MetaAccount,
  missing: readonly string[],
  levels: Levels,
  options: StatusOptions,
): WebhookProblem[] {
  if (missing.length === 0) return [];
  return [
    {
      part: 'fields',
      severity: missing.includes('messages') ? 'error' : 'warning',
      message: `Meta does not send ${missing.join(', ')}: the app and the account must both be subscribed.`,
      hint: fieldHint(subject, missing, levels, options),
      graph: null,
    },
  ];
}

function fieldHint(
  { account, rules }: MetaAccount,
  missing: readonly string[],
  { app: level }: Levels,
  { app, webhookUrl }: StatusOptions,
): string {
  const { channel, config } = account;
  const name = accountName(account);
  if (channel === 'whatsapp') {
    const known = 'value' in level ? level.value : null;
    const address = known?.address ?? webhookUrl ?? '<address>';
    const parameters = {
      object: rules.object,
      callback_url: address,
      verify_token: address === webhookUrl ? account.verify_token : '<its verify token>',
      fields: [...(known?.fields ?? []), ...missing].join(','),
    };
    const pairs = Object.entries(parameters).map(([key, value]) => `-f ${key}=${value}`);
    const id = 'value' in app ? app.value.id : '<app id>';
    return `Subscribe the app to them: channelctl api POST ${id}/subscriptions --app ${channel} ${pairs.join(' ')}`;
  }
  const connect =
    channel === 'messenger' ? `messenger connect --page ${config.page_id}` : 'instagram connect';
  return `For the app: channelctl webhooks set ${name}; for the account: channelctl ${connect}`;
}
