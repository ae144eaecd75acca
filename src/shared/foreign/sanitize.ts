/** Redaction of text that channelctl did not write: of Meta, of mail servers, of the system. */
import type { ChannelctlError, GraphErrorBody } from '../errors.ts';
import type { Json } from '../json.ts';
import { type Redactor, type Stretch, withoutStretches } from '../redactor.ts';
import { isSecretKey } from '../secrets.ts';
import { stripControlCharacters } from '../text.ts';
import { maskPatterns } from './patterns.ts';
import { RunFinder } from './run-finder.ts';

/**
 * Makes text that channelctl did not write safe to print: one line without secrets, and without
 * runs of eight characters of known secrets, even if they are disguised.
 */
export function sanitize(text: string, redactor: Redactor): string {
  const masked = maskPatterns(text, (secret) => redactor.add(secret));
  // A secret may appear only after control characters are removed.
  return redactor.redact(stripControlCharacters(redactForeign(masked, redactor)));
}

/** Redacts secrets and runs of secrets in text that channelctl did not write. */
export function redactForeign(text: string, redactor: Redactor): string {
  const found = [...redactor.stretches(text), ...runsOf(redactor).find(text, 'text')];
  return withoutStretches(text, merge(found));
}

/**
 * Returns a response of Meta without the secrets that other values than its tokens repeat. Runs of
 * secrets are redacted only if they cannot be coincidences, because commands use these values.
 *
 * @param text the JSON of the response
 */
export function redactBody(body: Json, text: string, redactor: Redactor): Json {
  const runs = runsOf(redactor);
  return runs.find(text, 'value').length === 0 ? body : redactValue(body, runs);
}

function redactValue(value: Json, runs: RunFinder): Json {
  if (typeof value === 'string') return redactString(value, runs);
  if (Array.isArray(value)) return value.map((item) => redactValue(item, runs));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      /^[a-z_]+$/.test(key) ? key : redactString(key, runs),
      isSecretKey(key) && typeof inner === 'string' ? inner : redactValue(inner, runs),
    ]),
  );
}

function redactString(value: string, runs: RunFinder): string {
  const isNumber = /^[\d\s()+-]*$/.test(value); // An ID or a phone number.
  return isNumber ? value : withoutStretches(value, merge(runs.find(value, 'value')));
}

/**
 * Returns an error whose quotations of Meta, of libraries and of the system contain no runs of
 * secrets.
 */
export function sanitizeError(error: ChannelctlError, redactor: Redactor): ChannelctlError {
  const clean = (text: string) => redactForeign(text, redactor);
  const quotations = quotationsIn(error);
  const cleanQuotations = (text: string) =>
    quotations.reduce((whole, one) => whole.replaceAll(one, () => clean(one)), text);
  const { message, reason, hint, graph } = error;
  return error.with({
    message: cleanQuotations(message),
    reason: error.kind === 'internal' ? clean(reason) : cleanQuotations(reason),
    hint: cleanQuotations(hint),
    graph: graph === null ? null : mapTexts(graph, clean),
  });
}

/**
 * Returns the texts that other programs wrote, as the error may contain them. Those that contain
 * others are first, because they would not be found after a part was redacted.
 */
function quotationsIn({ graph, cause }: ChannelctlError): string[] {
  const texts = [
    ...Object.values(graph ?? {}),
    cause instanceof Error ? cause.message : cause,
  ].filter((text) => typeof text === 'string');
  return texts
    .flatMap((text) => [text, stripControlCharacters(text)])
    .filter((text) => text !== '')
    .sort((one, other) => other.length - one.length);
}

function mapTexts(graph: GraphErrorBody, change: (text: string) => string): GraphErrorBody {
  const { type, message, details, user_title, user_message, fbtrace_id } = graph;
  const texts = { type, message, details, user_title, user_message, fbtrace_id };
  const changed = Object.entries(texts).map(([name, text]) => [
    name,
    text === null ? null : change(text),
  ]);
  return { ...graph, ...Object.fromEntries(changed) };
}

function runsOf(redactor: Redactor): RunFinder {
  const known = redactor.runs;
  if (known instanceof RunFinder) return known;
  const runs = new RunFinder(redactor);
  redactor.runs = runs;
  return runs;
}

function merge(stretches: Stretch[]): Stretch[] {
  const merged: Stretch[] = [];
  for (const { from, to } of stretches.toSorted((one, other) => one.from - other.from)) {
    const last = merged.at(-1);
    if (last !== undefined && from < last.to) last.to = Math.max(last.to, to);
    else merged.push({ from, to });
  }
  return merged;
}
