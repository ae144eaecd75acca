import type { GraphFault } from '../../shared/errors.ts';
import type { Findings, Part, PhoneNumber, SubscribedApp, Waba } from './findings.ts';
import { entityProblems } from './messaging.ts';
import { NUMBER_RULES, type Rule, type Verdict, WABA_RULES } from './rules.ts';

type PartName = 'phone_number' | 'waba' | 'subscribed_apps';

/** Something that is not as it should be, and what to do about it. */
export interface Problem {
  part: PartName;
  severity: 'error' | 'warning';
  message: string;
  hint: string;
  graph: GraphFault | null;
}

export interface Expectations {
  /** The account, as commands take it. */
  name: string;
  appId: string | null;
  subscribedOk: boolean | null;
  /** Where the account's webhooks arrive; null where that is not known. */
  webhookUrl: string | null;
}

/** Everything that is wrong with a number, its WABA and its subscription, errors first. */
export function problemsOf(findings: Findings, expected: Expectations): Problem[] {
  const { phone_number, waba, subscribed_apps } = findings;
  const ofNumber = partProblems('phone_number', phone_number, (one) =>
    numberProblems(one, expected),
  );
  // The number's messaging health tells that of its WABA and business too.
  const told = new Set(ofNumber.map(({ message }) => message));
  const problems = [
    ...ofNumber,
    ...partProblems('waba', waba, (one) =>
      wabaProblems(one, expected).filter(({ message }) => !told.has(message)),
    ),
    ...partProblems('subscribed_apps', subscribed_apps, (apps) => appProblems(apps, expected)),
  ];
  const errors = problems.filter(({ severity }) => severity === 'error');
  return [...errors, ...problems.filter(({ severity }) => severity === 'warning')];
}

function partProblems<Value>(
  part: PartName,
  found: Part<Value>,
  check: (value: Value) => Verdict[],
): Problem[] {
  if ('error' in found) {
    const { message, reason, hint, graph } = found.error;
    return [{ part, severity: 'error', message: `${message} ${reason}`, hint, graph }];
  }
  return check(found.value).map((verdict) => ({ part, ...verdict, graph: null }));
}

function numberProblems(number: PhoneNumber, { name }: Expectations): Verdict[] {
  return [...judged(NUMBER_RULES, number, name), ...entityProblems(number.health_status)];
}

function wabaProblems(waba: Waba, { name }: Expectations): Verdict[] {
  return [...judged(WABA_RULES, waba, name), ...entityProblems(waba.health_status)];
}

function judged<Value extends object>(
  rules: readonly Rule<Value>[],
  value: Value,
  name: string,
): Verdict[] {
  return rules
    .map((rule) => rule(value))
    .filter((verdict) => verdict !== null)
    .map((verdict) => ({ ...verdict, hint: verdict.hint.replaceAll('<account>', name) }));
}

function appProblems(apps: readonly SubscribedApp[], expected: Expectations): Verdict[] {
  const { name, appId, subscribedOk, webhookUrl } = expected;
  const problems: Verdict[] = [];
  if (subscribedOk === false) {
    const who = appId === null ? 'No app is' : `The app ${appId} is not`;
    problems.push({
      severity: 'error',
      message: `${who} subscribed to the WABA's webhooks, so that no message arrives.`,
      hint: `Subscribe it: channelctl whatsapp subscribe ${name}`,
    });
  }
  if (appId === null) {
    problems.push({
      severity: 'warning',
      message: 'Which app has to be subscribed is not known, so that any app counts.',
      hint: 'Tell the id of your app: channelctl integrations set whatsapp --config app_id=…',
    });
  }
  for (const { id, override_callback_uri } of apps) {
    const isOurs = appId === null || id === appId;
    if (!isOurs || override_callback_uri === null || webhookUrl === null) continue;
    if (override_callback_uri === webhookUrl) continue;
    problems.push({
      severity: 'warning',
      message: `The WABA's webhooks go to ${override_callback_uri}, not to ${webhookUrl}.`,
      hint: `Have them sent to this account: channelctl whatsapp subscribe ${name} --override`,
    });
  }
  return problems;
}
