import { ChannelctlError, type GraphErrorBody } from '../../shared/errors.ts';
import type { Format } from '../../shared/formats.ts';
import { stripControlCharacters } from '../../shared/text.ts';
import { toJson } from './render.ts';
import type { Style } from './style.ts';
import { wrapText } from './wrap.ts';

export function asksForJson(format: Format): boolean {
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
  /** The width of the terminal; undefined if the output is not a terminal. */
  width?: number | undefined;
}

/** On a narrower terminal, further lines of an error are not aligned after its label. */
const MIN_ALIGNED_WIDTH = 60;

export function renderFailure(
  error: ChannelctlError,
  { format, style, redact, width }: MessageOptions,
): string {
  if (asksForJson(format)) {
    const { kind, graph } = error;
    const message = redact(error.description);
    const body = graph === null ? null : redactedBody(graph, redact);
    return `${toJson({ error: { kind, message, hint: redact(error.hint), graph: body } })}\n`;
  }
  const isNarrow = width !== undefined && width < MIN_ALIGNED_WIDTH;
  const lines = [
    ['error: ', error.message],
    ['  why: ', error.reason],
    [' next: ', error.hint],
  ] as const;
  return lines
    .filter(([, text]) => text !== '')
    .map(([label, text]) => {
      const clean = stripControlCharacters(redact(text));
      const line = wrapText(label + clean, width, isNarrow ? 2 : label.length);
      return `${line.replace('error:', style.error('error:'))}\n`;
    })
    .join('');
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
