import { ChannelctlError, type GraphErrorBody } from '../../shared/errors.ts';
import type { Format } from '../../shared/formats.ts';
import { stripControlCharacters } from '../../shared/text.ts';
import { toJson } from './render.ts';
import type { Style } from './style.ts';

function asksForJson(format: Format): boolean {
  return format === 'json' || format === 'ndjson';
}

/** Converts any thrown value to a `ChannelctlError`; an unexpected one is of kind `internal`. */
export function asChannelctlError(thrown: unknown): ChannelctlError {
  if (thrown instanceof ChannelctlError) return thrown;
  const reason = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return new ChannelctlError('internal', 'Internal error.', {
    reason,
    hint: 'Run the command again with --debug, and include its output when you report the problem.',
    cause: thrown,
  });
}

export interface MessageOptions {
  format: Format;
  style: Style;
  /**
   * Removes secrets from a string. It is called for each string rather than for the whole JSON, in
   * which a secret could equal a key.
   */
  redact(text: string): string;
}

export function renderFailure(
  error: ChannelctlError,
  { format, style, redact }: MessageOptions,
): string {
  if (asksForJson(format)) {
    const { kind, graph } = error;
    const message = redact(error.description);
    const body = graph === null ? null : redactedBody(graph, redact);
    return `${toJson({ error: { kind, message, hint: redact(error.hint), graph: body } })}\n`;
  }
  return [
    `${style.error('error:')} ${stripControlCharacters(redact(error.message))}`,
    ...(error.reason === '' ? [] : [`  why: ${stripControlCharacters(redact(error.reason))}`]),
    ...(error.hint === '' ? [] : [` next: ${stripControlCharacters(redact(error.hint))}`]),
    '',
  ].join('\n');
}

function redactedBody(graph: GraphErrorBody, redact: MessageOptions['redact']): object {
  const parts = Object.entries(graph).map(([name, value]) => [
    name,
    typeof value === 'string' ? redact(value) : value,
  ]);
  return Object.fromEntries(parts);
}

export function renderWarning(
  message: string,
  hint: string,
  { format, style, redact }: MessageOptions,
): string {
  const warning = { message: redact(message), hint: redact(hint) };
  if (asksForJson(format)) return `${toJson({ warning })}\n`;
  const text = stripControlCharacters(`${warning.message} ${warning.hint}`.trimEnd());
  return `${style.warning('warning:')} ${text}\n`;
}
