import type { Health } from '../../channels/whatsapp/health.ts';
import type { Style } from '../../shared/style.ts';
import { count, plainText } from '../../shared/text.ts';

/** What a person reads of the health of numbers: a short letter each, and a line about them all. */
export function letters(
  results: readonly Health[],
  names: readonly string[],
  style: Style,
): string {
  const each = results.map((health, index) => letter(health, names[index] ?? '', style));
  return [...each, ...(results.length > 1 ? [overview(results)] : [])].join('\n\n');
}

function letter(health: Health, name: string, style: Style): string {
  const { healthy, problems, phone_number } = health;
  const title = [
    health.display_name ?? phone_number?.verified_name ?? name,
    phone_number?.display_phone_number,
    name,
  ];
  const verdict = healthy ? style.good('healthy') : style.bad('unhealthy');
  return [
    `${style.bold(inline([...new Set(title)], '  '))}  ${verdict}`,
    `  ${style.dim('number  ')}  ${numberLine(health)}`,
    `  ${style.dim('WABA    ')}  ${wabaLine(health)}`,
    `  ${style.dim('webhooks')}  ${webhooksLine(health)}`,
    ...problems.flatMap(({ severity, message, hint }) => [
      '',
      `  ${severity === 'error' ? style.bad('error  ') : style.caution('warning')}  ${plainText(message)}`,
      `           ${plainText(hint)}`,
    ]),
  ].join('\n');
}

const NOT_READ = 'not known: it could not be read';

function numberLine({ phone_number: number }: Health): string {
  if (number === null) return NOT_READ;
  return inline([
    number.status,
    labelled('quality', number.quality_rating),
    labelled('name', number.name_status),
    labelled('messaging', number.health_status?.can_send_message),
    number.messaging_limit_tier,
  ]);
}

function wabaLine({ waba, waba_id }: Health): string {
  if (waba === null) return `${waba_id}: ${NOT_READ}`;
  return inline([
    waba.name,
    waba_id,
    labelled('review', waba.account_review_status),
    labelled('business', waba.business_verification_status),
  ]);
}

function webhooksLine({ subscribed_apps: apps }: Health): string {
  if (apps === null) return NOT_READ;
  if (apps.length === 0) return 'go to no app';
  return inline(
    apps.map(({ id, name, override_callback_uri: address }) =>
      [name ?? id, address === null ? null : `at ${address}`]
        .filter((text) => text !== null)
        .join(' '),
    ),
  );
}

function labelled(label: string, value: string | null | undefined): string | null {
  return value ? `${label} ${value}` : null;
}

/** What is known of `texts` in one line, with nothing in it that steers a terminal. */
function inline(texts: readonly (string | null | undefined)[], separator = ' · '): string {
  return texts.flatMap((text) => (text ? [plainText(text)] : [])).join(separator);
}

function overview(results: readonly Health[]): string {
  const healthy = results.filter((health) => health.healthy).length;
  return `${count(results.length, 'number')}: ${healthy} healthy, ${results.length - healthy} unhealthy.`;
}
