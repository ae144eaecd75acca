import type { Execute } from './cli/command-loader.ts';
import type { Host } from './cli/context.ts';
import { buildProgram, runProgram } from './cli/program.ts';
import type { GlobalOptions } from './commands/shared/command.ts';
import { type ChannelctlError, cancelledError, systemCode } from './shared/errors.ts';
import type { Redactor } from './shared/redactor.ts';
import type { Output } from './shared/streams.ts';

export interface Invocation extends Host {
  /** The command line without the program's name. */
  argv: readonly string[];
}

/** Runs one command line and returns its exit code, without ending the process. */
export async function main(invocation: Invocation): Promise<number> {
  const { argv, stdout, stderr } = invocation;
  const assertWritten = watch(stdout, invocation.signal);
  // If stderr is not writable, the exit code still reports a failure.
  stderr.on('error', () => {});
  let exitCode = 0;
  let redactor: Redactor | null = null; // No secrets are known before a command runs.

  const execute: Execute = async (definition, options, command) => {
    const [{ executeCommand }, { Redactor }] = await Promise.all([
      import('./cli/execute.ts'),
      import('./shared/redactor.ts'),
    ]);
    const own = new Redactor();
    redactor = own;
    const globals = program.opts<GlobalOptions>();
    const run = { host: invocation, redactor: own, command };
    exitCode = await executeCommand(definition, options, globals, run);
  };
  // Most commands need this module, so its import starts before the program is built.
  if (!argv.includes('--help')) import('./cli/execute.ts').catch(() => {});
  const program = buildProgram(execute, stdout);

  try {
    await runProgram(program, argv);
    await assertWritten();
    return exitCode;
  } catch (error) {
    const { reportFailure } = await import('./cli/report-failure.ts');
    return reportFailure(error, invocation, program.opts<GlobalOptions>(), redactor);
  }
}

/** The codes of a pipe whose reader has closed it; EOF is that of Windows. */
const CLOSED_PIPE = ['EPIPE', 'EOF'];

/**
 * Keeps errors of a stream from ending the command. The returned function throws if output was
 * lost, or if the program is interrupted while the reader is stalled. A pipe that its reader has
 * closed (`| head`) is not an error.
 */
function watch(stream: Output, signal: AbortSignal): () => Promise<void> {
  let failure: Error | undefined;
  stream.on('error', (error) => {
    if (!CLOSED_PIPE.includes(systemCode(error) ?? '')) failure ??= error;
  });
  const interrupted = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  return async () => {
    if (!signal.aborted) {
      await Promise.race([whenFlushed(stream), interrupted]);
      if (signal.aborted) throw incompleteOutput();
    }
    if (failure === undefined) return;
    const { lostOutputError } = await import('./cli/report-failure.ts');
    throw lostOutputError(failure);
  };
}

function incompleteOutput(): ChannelctlError {
  return cancelledError().with({ hint: 'The command is done, but its output is incomplete.' });
}

/** Resolves when all output has been flushed, or can no longer be written. */
export function whenFlushed(stream: Output): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed) resolve();
    else stream.write('', () => resolve());
  });
}
