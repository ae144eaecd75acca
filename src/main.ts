import { setMaxListeners } from 'node:events';
import type { GlobalOptions } from './commands/command.ts';
import { buildProgram, type Execute, runProgram } from './program.ts';
import { ChannelctlError, EXIT_CODES, systemCode } from './shared/errors.ts';
import { FORMATS, type Format } from './shared/formats.ts';
import { Redactor } from './shared/redactor.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const SAME_SIGNAL_MS = 100;

/**
 * Runs the program, and ends the process with the exit code once all is written.
 *
 * @param args the command line, the program's name left out
 */
export async function main(args: readonly string[]): Promise<void> {
  const exitCode = await exitCodeOf(args);
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  process.exit(exitCode);
}

async function exitCodeOf(args: readonly string[]): Promise<number> {
  const run = { redactor: new Redactor(), signal: interruption() };
  const written = watched(process.stdout);
  process.stderr.on('error', () => {}); // The exit code says it too.
  let exitCode = 0;

  const execute: Execute = async (verb, options, globals, command) => {
    const { runVerb } = await import('./everyday.ts');
    exitCode = await runVerb(verb, options, globals, { ...run, command });
  };
  // Most calls need it: it is read while the command line is built.
  if (!args.includes('--help')) import('./everyday.ts').catch(() => {});
  const program = buildProgram(execute, (text) => process.stdout.write(text));

  try {
    await runProgram(program, args);
    await written();
    return exitCode;
  } catch (thrown) {
    const { asChannelctlError, renderFailure, storedFormat, styleFor } = await import(
      './everyday.ts'
    );
    const error = asChannelctlError(thrown);
    const globals = program.opts<GlobalOptions>();
    const format = formatIn(args, globals) ?? (await storedFormat(globals));
    const refused = args.includes('--no-color');
    const style = await styleFor({ terminal: process.stderr.isTTY, refused, env: process.env });
    const redact = (text: string) => run.redactor.redact(text);
    process.stderr.write(renderFailure(error, { format, style, redact }));
    return EXIT_CODES[error.kind];
  }
}

/** The format that is asked for: as far as the command line was understood, and where it was not. */
function formatIn(args: readonly string[], { json, output }: GlobalOptions): Format | undefined {
  if (json === true || args.includes('--json')) return 'json';
  if (output !== undefined) return output;
  const wanted = args.map((arg, index) =>
    arg === '-o' || arg === '--output' ? args[index + 1] : /^(?:-o|--output=)(.+)$/s.exec(arg)?.[1],
  );
  return FORMATS.find((format) => wanted.includes(format));
}

/**
 * Aborted by the first signal that asks the program to end; a second one ends it at once. conf
 * brings a library along that sends each signal once more: what follows at once is the same one.
 */
function interruption(): AbortSignal {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal); // Each of many calls at once listens.
  let first = 0;
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (controller.signal.aborted && Date.now() - first > SAME_SIGNAL_MS) {
        process.exit(EXIT_CODES.cancelled);
      }
      first ||= Date.now();
      controller.abort();
    });
  }
  return controller.signal;
}

/** Resolves when everything written to the stream has left the process, or its reader is gone. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed) resolve();
    else stream.write('', () => resolve());
  });
}

/**
 * Watches for what can't be written, which must not end the command. The function that it gives
 * throws where something was lost; a reader that has seen enough (`| head`) is no fault.
 */
function watched(stream: NodeJS.WriteStream): () => Promise<void> {
  let fault: Error | undefined;
  stream.on('error', (error) => {
    if (systemCode(error) !== 'EPIPE') fault ??= error;
  });
  return async () => {
    await flushed(stream);
    if (fault === undefined) return;
    throw new ChannelctlError('internal', 'The result could not be written.', {
      reason: `Writing to stdout failed: ${systemCode(fault) ?? fault.message}.`,
      hint: 'What was changed stays changed. Send the result elsewhere, or free some space.',
      cause: fault,
    });
  };
}
