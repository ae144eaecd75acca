import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ChannelctlError } from '../../shared/errors.ts';
import { stripControlCharacters } from '../../shared/text.ts';
import type { MessageOptions } from './failure.ts';

/** The root of the package. The build moves this module to dist/; tests load the source file. */
const ROOT = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../../..' : '..', import.meta.url),
);

/**
 * Matches a stack frame: `    at async name (file:///folder/module.js:1:234)`, or the same without
 * a name. The file may also be an absolute path.
 */
const FRAME = /^( +at (?:.+? \()?(?:async )?)(file:\/\/.+|\/.+|[A-Za-z]:\\.+):(\d+):(\d+)(\)?)$/;

/** A longer frame is a line of an error's message, which could come from a server. */
const MAX_FRAME_LENGTH = 2_000;

/**
 * Renders the stack of an error and of each cause for `--debug`. Positions refer to the TypeScript
 * source if the module has a source map; paths inside the package are relative to it.
 */
export function renderStack(thrown: unknown, redact: MessageOptions['redact']): string {
  const maps = new Map<string, SourceMap | undefined>();
  const lines = causesOf(thrown).flatMap((error, index) => [
    `${index === 0 ? '' : 'caused by '}${stripControlCharacters(redact(titleOf(error)))}`,
    ...framesOf(error).map((frame) => stripControlCharacters(redact(sourceFrame(frame, maps)))),
  ]);
  return `${lines.join('\n')}\n`;
}

function causesOf(thrown: unknown): unknown[] {
  const found = new Set([thrown]);
  for (const error of found) {
    if (error instanceof Error && error.cause !== undefined) found.add(error.cause);
  }
  return [...found];
}

function titleOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return `${error.name}: ${error instanceof ChannelctlError ? error.description : error.message}`;
}

function framesOf(error: unknown): string[] {
  const stack = error instanceof Error ? error.stack : undefined;
  const lines = stack?.split('\n').filter((line) => /^ +at /.test(line)) ?? [];
  return lines.filter(({ length }) => length <= MAX_FRAME_LENGTH);
}

function sourceFrame(frame: string, maps: Map<string, SourceMap | undefined>): string {
  const [, start, place, line, column, end] = FRAME.exec(frame) ?? [];
  if (place === undefined) return frame;
  const file = place.startsWith('file:') ? place : pathToFileURL(place).href;
  if (!maps.has(file)) maps.set(file, sourceMapOf(file));
  // Positions are 1-based in stacks and 0-based in source maps.
  const entry = maps.get(file)?.findEntry(Number(line) - 1, Number(column) - 1);
  const position =
    entry !== undefined && 'originalSource' in entry
      ? [
          inPackage(new URL(entry.originalSource, file)),
          entry.originalLine + 1,
          entry.originalColumn + 1,
        ]
      : [inPackage(new URL(file)), line, column];
  return `${start}${position.join(':')}${end}`;
}

/** Returns undefined for a module without a readable source map, such as a dependency or a test. */
function sourceMapOf(file: string): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(readFileSync(new URL(`${file}.map`), 'utf8')));
  } catch {
    return undefined;
  }
}

function inPackage(url: URL): string {
  if (url.protocol !== 'file:') return url.href;
  const path = fileURLToPath(url);
  return path.startsWith(ROOT) ? relative(ROOT, path).replaceAll(sep, '/') : path;
}
