import type { Style } from '../../shared/style.ts';
import { plainText } from '../../shared/text.ts';

interface Problem {
  severity: 'error' | 'warning';
  message: string;
  hint: string;
}

/** Two lines a problem: what is wrong, and what to do about it. */
export function problemLines(problems: readonly Problem[], style: Style): string[] {
  return problems.flatMap(({ severity, message, hint }) => {
    const mark = severity === 'error' ? style.bad('error') : style.caution('warning');
    return [`  ${mark}: ${plainText(message)}`, `    ${style.dim(plainText(hint))}`];
  });
}
