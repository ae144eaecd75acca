import { ChannelctlError, type GraphErrorBody } from '../../shared/errors.ts';
import type { Format } from '../../shared/formats.ts';
import { stripControlCharacters } from '../../shared/text.ts';
import { toJson } from './render.ts';
import type { Style } from './style.ts';

function asksForJson(format: Format): boolean {
  return format === 'json' || format === 'ndjson';
}

/** Converts any thrown value to an error that can be shown; an unexpected one is `internal`. */
export function asChannelctlError(thrown: unknown): ChannelctlError {
  if (thrown instanceof ChannelctlError) return thrown;
  const reason = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return new ChannelctlError('internal', 'channelctl failed in a way it should not.', {
    reason,
    hint: 'Run it again with --debug; if it happens again, report it with what is printed.',
    cause: thrown,
  });
}

/** How an error or a warning is written to stderr. */
export interface MessageOptions {
  format: Format;
  style: Style;
  /**
   * Removes secrets from a string. Called for every string, because in JSON a secret could be the
   * name of a key.
   */
  redact(text: string): string;
}

/** An error for stderr: a JSON object on one line, or message, reason and hint. */
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
    ` next: ${stripControlCharacters(redact(error.hint))}\n`,
  ].join('\n');
}

function redactedBody(graph: GraphErrorBody, redact: MessageOptions['redact']): object {
  const parts = Object.entries(graph).map(([name, value]) => [
    name,
    typeof value === 'string' ? redact(value) : value,
  ]);
  return Object.fromEntries(parts);
}

/** A warning for stderr. */
export function renderWarning(
  message: string,
  hint: string,
  { format, style, redact }: MessageOptions,
): string {
  const warning = { message: redact(message), hint: redact(hint) };
  if (asksForJson(format)) return `${toJson({ warning })}\n`;
  return `${style.warning('warning:')} ${stripControlCharacters(warning.message)} ${stripControlCharacters(warning.hint)}\n`;
}
