import type { Health } from '../../channels/whatsapp/number-health.ts';
import { messagingLimit } from '../../channels/whatsapp/rules.ts';
import { stripControlCharacters } from '../../shared/text.ts';
import type { Style } from '../../ui/output/style.ts';
import type { ReportedAccount } from '../shared/report.ts';

export function reportedNumber(health: Health, name: string, style: Style): ReportedAccount {
  const { healthy, problems, phone_number } = health;
  const names = [
    health.display_name ?? phone_number?.verified_name ?? name,
    phone_number?.display_phone_number,
    name,
  ];
  return {
    name: joinKnown([...new Set(names)], '  '),
    healthy,
    facts: [
      `  ${style.dim('number  ')}  ${numberLine(health)}`,
      `  ${style.dim('WABA    ')}  ${wabaLine(health)}`,
      `  ${style.dim('webhooks')}  ${webhooksLine(health)}`,
    ],
    problems,
  };
}

const NOT_READ = 'unknown: could not be read';

function numberLine({ phone_number: number }: Health): string {
  if (number === null) return NOT_READ;
  return joinKnown([
    number.status,
    labelled('quality', number.quality_rating),
    labelled('name', number.name_status),
    labelled('messaging', number.health_status?.can_send_message),
    messagingLimit(number),
  ]);
}

function wabaLine({ waba, waba_id }: Health): string {
  if (waba === null) return `${waba_id}: ${NOT_READ}`;
  return joinKnown([
    waba.name,
    waba_id,
    labelled('review', waba.account_review_status),
    labelled('business', waba.business_verification_status),
  ]);
}

function webhooksLine({ subscribed_apps: apps }: Health): string {
  if (apps === null) return NOT_READ;
  if (apps.length === 0) return 'no app subscribed';
  return joinKnown(
    apps.map(({ id, name, override_callback_uri: url }) =>
      [name ?? id, url === null ? null : `at ${url}`].filter((text) => text !== null).join(' '),
    ),
  );
}

function labelled(label: string, value: string | null | undefined): string | null {
  return value ? `${label} ${value}` : null;
}

function joinKnown(texts: readonly (string | null | undefined)[], separator = ' · '): string {
  return texts.flatMap((text) => (text ? [stripControlCharacters(text)] : [])).join(separator);
}
