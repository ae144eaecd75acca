import { once } from 'node:events';
import type { CommandDefinition, GlobalOptions } from '../commands/shared/command.ts';
import type { CommandResult } from '../commands/shared/command-result.ts';
import { requireRole } from '../commands/shared/require-role.ts';
import { ChannelctlError, cancelledError, EXIT_CODES } from '../shared/errors.ts';
import { outerFields, parseFields } from '../ui/output/fields.ts';
import { type ResultShape, render } from '../ui/output/render.ts';
import { styleFor } from '../ui/output/style.ts';
import { terminalWidth } from '../ui/output/wrap.ts';
import { createContext, type Host, type Run, type Session } from './context.ts';
import { isProfileMissing } from './named-profile.ts';

const CLEAR_SCREEN = '\u001b[H\u001b[J';

export async function executeCommand(
  definition: CommandDefinition,
  options: object,
  globals: GlobalOptions,
  run: Run,
): Promise<number> {
  const { env, stdout, signal } = run.host;
  const { result: shape, run: runBound } = definition.bind(options);
  const fields =
    globals.fields === undefined
      ? undefined
      : parseFields(globals.fields, shape.anyField === true ? null : shape.fields);
  const session = await createContext(definition, globals, run);
  const least = definition.checksRole?.from ?? definition.role;
  if (least !== 'none') requireRole(least, session.role(), session.context.profile.name);
  const missing = (await isProfileMissing(definition, session.context))
    ? await import('./missing-profile.ts')
    : null;
  const isNew = await missing?.isNewProfile(definition, session.context);
  const show = (one: CommandResult) => print(one, shape, { session, fields, globals, stdout, env });
  /**
   * A reader that is slow or has stopped (`| less`) must not fill the memory with output. Returns
   * whether more can be shown.
   */
  const showNext = async (one: CommandResult): Promise<boolean> => {
    await show(one);
    if (!stdout.writableNeedDrain) return stdout.writable;
    // After an error, Node makes process.stdout writable again.
    return once(stdout, 'drain', { signal }).then(
      () => true,
      () => signal.aborted,
    );
  };
  let isRunning = true;
  try {
    const outcome = await unlessInterrupted(run.host, () => runBound(session.context));
    isRunning = false;
    if (outcome.stream === undefined) await show(outcome);
    for await (const one of untilInterrupted(run.host, outcome.stream)) {
      if (!(await showNext(one))) break;
    }
    return outcome.kind === undefined ? 0 : EXIT_CODES[outcome.kind];
  } catch (error) {
    const partial = isRunning ? session.partialResult() : null;
    if (partial === null) throw error;
    await show(partial);
    const { withFinishHint } = await import('./interruption.ts');
    throw withFinishHint(error);
  } finally {
    if (isNew) await missing?.reportNewProfile(session.context);
    await session.finish();
  }
}

interface PrintOptions extends Pick<Host, 'stdout' | 'env'> {
  session: Session;
  fields: readonly string[] | undefined;
  globals: GlobalOptions;
}

async function print(
  { data, summary, fields: keys, replaces = false }: CommandResult,
  shape: ResultShape,
  { session, fields, globals, stdout, env }: PrintOptions,
): Promise<void> {
  const redraws = replaces && stdout.isTTY === true;
  const format = replaces && !redraws && session.format === 'table' ? 'ndjson' : session.format;
  const style = await styleFor({
    terminal: stdout.isTTY === true,
    refused: !globals.color,
    env,
  });
  const shown = { ...shape, fields: keys ?? outerFields(shape.fields) };
  const width = terminalWidth(stdout);
  const dropped: string[] = [];
  const onDrop = (path: string) => void dropped.push(path);
  const text = await render(data, shown, { format, fields, summary, style, width, onDrop });
  stdout.write(redraws && format === 'table' ? CLEAR_SCREEN + text : text);
  if (format === 'table' && Array.isArray(data) && data.length === 0) {
    session.context.terminal.hint(shape.whenEmpty ?? 'No results.');
  }
  if (dropped.length > 0 && !replaces) {
    const names = dropped.join(', ');
    session.context.terminal.hint(`Not shown, because the terminal is narrow: ${names}.`);
  }
}

/** Yields the results of a stream, which ends when the program is interrupted. */
async function* untilInterrupted(
  host: Pick<Host, 'signal' | 'commits'>,
  stream: CommandResult['stream'],
): AsyncGenerator<CommandResult> {
  const results = stream?.[Symbol.asyncIterator]();
  if (results === undefined) return;
  try {
    for (;;) {
      const { done, value } = await unlessInterrupted(host, () => results.next());
      if (done === true) return;
      yield value;
    }
  } catch (error) {
    if (!(error instanceof ChannelctlError && error.kind === 'cancelled')) throw error;
  } finally {
    if (!host.signal.aborted) await results.return?.();
  }
}

/**
 * Returns the result of a command. An interrupted command must complete in time, as for `settle`.
 */
async function unlessInterrupted<Result>(
  { signal, commits }: Pick<Host, 'signal' | 'commits'>,
  start: () => Promise<Result>,
): Promise<Result> {
  if (signal.aborted) throw cancelledError();
  const interrupted = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const work = start();
  await Promise.race([work, interrupted]);
  if (!signal.aborted) return work;
  const { settle } = await import('./interruption.ts');
  return settle(work, commits);
}
