import type { ChannelToken } from '../../src/channels/channel.ts';
import type { MailProblem } from '../../src/channels/email/problems.ts';
import type { NumberProblem } from '../../src/channels/whatsapp/problems.ts';
import type { StepView } from '../../src/commands/shared/plan-report.ts';
import type { ChangedWebhook } from '../../src/commands/shared/webhook-change.ts';
import type { DoctorResult } from '../../src/doctor/result.ts';
import type { AccountStatus } from '../../src/health/status.ts';
import type { AuditItem } from '../../src/profile/audit/log.ts';
import type { Setting } from '../../src/profile/settings.ts';
import type { SecretRef } from '../../src/profile/types.ts';
import type { Problem } from '../../src/shared/problem.ts';
import type { SecretStoreName } from '../../src/shared/secrets.ts';
import type { StoredToken } from '../../src/tokens/stored-tokens.ts';
import type { ReceivedWebhook } from '../../src/webhooks/receiver.ts';
import type { WebhookStatus } from '../../src/webhooks/status.ts';
import type { WebhookTestResult } from '../../src/webhooks/tester.ts';

// The recorder reads this file with the TypeScript compiler; nothing imports it. When a type is
// moved or renamed, change its import here and keep the field name.

/** The literals that the source assigns to a property of type `string`. */
type Produced<Owner, Key extends keyof Owner> = Owner[Key];

/** The literals that one file assigns to a property of an object without a declared type. */
type Written<File extends string, Key extends string> = [File, Key];

type WebhookCheck = WebhookTestResult['checks'][number];
type WebhookTestProblem = WebhookTestResult['problems'][number];
type WebhookProblem = WebhookStatus['problems'][number];

export interface EnumeratedValues {
  'accounts check: problems.part': Produced<Problem, 'part'> | NumberProblem['part'];
  'accounts check: problems.severity': Problem['severity'];
  'apply: steps.action': StepView['action'];
  'apply: steps.part': StepView['part'];
  'apply: steps.result': Written<'commands/apply.ts', 'result'>;
  'apply: steps.where': StepView['where'];
  'audit list: action': Produced<AuditItem, 'action'>;
  'config list: key': Setting['key'];
  'config list: source': Setting['source'];
  'doctor: check': Produced<DoctorResult, 'check'>;
  'doctor: status': DoctorResult['status'];
  'email check: imap.problem.kind': MailProblem['kind'];
  'plan: steps.action': StepView['action'];
  'plan: steps.part': StepView['part'];
  'plan: steps.where': StepView['where'];
  'secrets list: store': SecretStoreName;
  'status: severity': AccountStatus['severity'];
  'status: problems.part': Produced<Problem, 'part'> | NumberProblem['part'];
  'status: problems.severity': AccountStatus['problems'][number]['severity'];
  'status: webhook': AccountStatus['webhook'];
  'tokens list: stored': StoredToken['stored'];
  'tokens list: kind': ChannelToken['kind'] | null;
  'webhooks listen: event': ReceivedWebhook['event'];
  'webhooks listen: signature': ReceivedWebhook['signature'];
  'webhooks set: source': ChangedWebhook['source'];
  'webhooks status: problems.part': WebhookProblem['part'];
  'webhooks status: problems.severity': WebhookProblem['severity'];
  'webhooks status: source': WebhookStatus['source'];
  'webhooks test: checks.name': WebhookCheck['name'];
  'webhooks test: checks.result': WebhookCheck['result'];
  'webhooks test: problems.kind': WebhookTestProblem['kind'];
  'webhooks test: problems.part': WebhookTestProblem['part'];
  'webhooks test: problems.severity': WebhookTestProblem['severity'];
  'webhooks unset: source': ChangedWebhook['source'];
  'whatsapp health: problems.part': NumberProblem['part'];
  'whatsapp health: problems.severity': NumberProblem['severity'];
  'state file: secrets.store': SecretRef['store'];
}
