import { ChannelctlError } from '../shared/errors.ts';
import type { Format } from '../shared/formats.ts';
import type { Style } from '../shared/style.ts';
import { plainText } from '../shared/text.ts';
import { toJson } from './render.ts';

function asksForJson(format: Format): boolean {
  return format === 'json' || format === 'ndjson';
}

/** Any thrown value as an error that a person can read; what we did not foresee is `internal`. */
export function asChannelctlError(thrown: unknown): ChannelctlError {
  if (thrown instanceof ChannelctlError) return thrown;
  const reason = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return new ChannelctlError('internal', 'channelctl failed in a way it should not.', {
    reason,
    hint: 'Run it again with --debug; if it happens again, report it with what is printed.',
    cause: thrown,
  });
}

/** An error as stderr gets it: a JSON object on one line, or what failed, why, and what to do. */
export function renderFailure(error: ChannelctlError, format: Format, style: Style): string {
  if (asksForJson(format)) {
    const { kind, hint, graph } = error;
    const message = `${error.message} ${error.reason}`.trim();
    return `${toJson({ error: { kind, message, hint, graph } })}\n`;
  }
  return [
    `${style.bad('error:')} ${plainText(error.message)}`,
    `  why: ${plainText(error.reason)}`,
    ` next: ${plainText(error.hint)}\n`,
  ].join('\n');
}

/** A warning as stderr gets it. */
export function renderWarning(message: string, hint: string, format: Format, style: Style): string {
  if (asksForJson(format)) return `${toJson({ warning: { message, hint } })}\n`;
  return `${style.caution('warning:')} ${plainText(message)} ${plainText(hint)}\n`;
}
