import type { Style } from '../../shared/style.ts';
import { count, plainText } from '../../shared/text.ts';

/** What a check found about one account, as far as a person is told of it. */
export interface Finding {
  /** `messenger/fb-1065`. */
  name: string;
  healthy: boolean;
  problems: readonly { severity: 'error' | 'warning'; message: string; hint: string }[];
}

/** What a person reads of a check: each account with its problems, and a line about them all. */
export function letters(findings: readonly Finding[], style: Style): string {
  const healthy = findings.filter((one) => one.healthy).length;
  const overview = `${count(findings.length, 'account')}: ${healthy} healthy, ${findings.length - healthy} unhealthy.`;
  const each = findings.map((finding) => letter(finding, style));
  return [...each, ...(findings.length > 1 ? [overview] : [])].join('\n\n');
}

function letter({ name, healthy, problems }: Finding, style: Style): string {
  const verdict = healthy ? style.good('healthy') : style.bad('unhealthy');
  return [
    `${style.bold(plainText(name))}  ${verdict}`,
    ...problems.flatMap(({ severity, message, hint }) => [
      `  ${severity === 'error' ? style.bad('error  ') : style.caution('warning')}  ${plainText(message)}`,
      `           ${plainText(hint)}`,
    ]),
  ].join('\n');
}
