import type { GraphFault } from '../../shared/errors.ts';
import { problemOf } from '../problems.ts';
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
  /** Where webhooks of the WABA may arrive, the account's own address first; empty where that is not known. */
  webhookUrls: readonly string[];
}

/** Everything that is wrong with a number, its WABA and its subscription, errors first. */
export function problemsOf(findings: Findings, expected: Expectations): Problem[] {
  const { phone_number, waba, subscribed_apps } = findings;
  const ofNumber = partProblems('phone_number', phone_number, expected, numberProblems);
  // The number's messaging health tells that of its WABA and business too.
  const told = new Set(ofNumber.map(({ message }) => message));
  const problems = [
    ...ofNumber,
    ...partProblems('waba', waba, expected, (one) =>
      wabaProblems(one).filter(({ message }) => !told.has(message)),
    ),
    ...partProblems('subscribed_apps', subscribed_apps, expected, appProblems),
    ...(expected.appId === null ? [ANY_APP] : []),
  ];
  const errors = problems.filter(({ severity }) => severity === 'error');
  return [...errors, ...problems.filter(({ severity }) => severity === 'warning')];
}

const ANY_APP: Problem = {
  part: 'subscribed_apps',
  severity: 'warning',
  message: 'Which app has to be subscribed is not known, so that any app counts.',
  hint: 'Tell the id of your app: channelctl integrations set whatsapp --config app_id=…',
  graph: null,
};

function partProblems<Value>(
  part: PartName,
  found: Part<Value>,
  expected: Expectations,
  check: (value: Value, expected: Expectations) => Verdict[],
): Problem[] {
  const problems =
    'error' in found
      ? [problemOf(part, found.error)]
      : check(found.value, expected).map((verdict) => ({ part, ...verdict, graph: null }));
  // An answer may be that of another account of the WABA: none is named before this.
  return problems.map((one) => ({
    ...one,
    part,
    hint: one.hint.replaceAll('<account>', expected.name),
  }));
}

function numberProblems(number: PhoneNumber): Verdict[] {
  return [...judged(NUMBER_RULES, number), ...entityProblems(number.health_status)];
}

function wabaProblems(waba: Waba): Verdict[] {
  return [...judged(WABA_RULES, waba), ...entityProblems(waba.health_status)];
}

function judged<Value extends object>(rules: readonly Rule<Value>[], value: Value): Verdict[] {
  return rules.map((rule) => rule(value)).filter((verdict) => verdict !== null);
}

function appProblems(apps: readonly SubscribedApp[], expected: Expectations): Verdict[] {
  const { appId, subscribedOk, webhookUrls } = expected;
  const problems: Verdict[] = [];
  if (subscribedOk === false) {
    const who = appId === null ? 'No app is' : `The app ${appId} is not`;
    problems.push({
      severity: 'error',
      message: `${who} subscribed to the WABA's webhooks, so that no message arrives.`,
      hint: 'Subscribe it: channelctl whatsapp subscribe <account>',
    });
  }
  for (const { id, override_callback_uri } of apps) {
    const isOurs = appId === null || id === appId;
    if (!isOurs || override_callback_uri === null || webhookUrls.length === 0) continue;
    if (webhookUrls.includes(override_callback_uri)) continue;
    problems.push({
      severity: 'warning',
      message: `The WABA's webhooks go to ${override_callback_uri}, not to ${webhookUrls[0]}.`,
      hint: 'Have them sent to this account: channelctl whatsapp subscribe <account> --override',
    });
  }
  return problems;
}
