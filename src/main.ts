import type { Host } from './cli/host.ts';
import { buildProgram, type Execute, runProgram } from './cli/program.ts';
import type { GlobalOptions } from './commands/shared/command.ts';
import { ChannelctlError, EXIT_CODES, systemCode } from './shared/errors.ts';
import { FORMATS, type Format } from './shared/formats.ts';
import { Redactor } from './shared/redactor.ts';
import type { Output } from './shared/streams.ts';

export interface Invocation extends Host {
  /** The command line without the program's name. */
  argv: readonly string[];
}

/** Runs one command and returns its exit code. Leaves the process as it is. */
export async function main(invocation: Invocation): Promise<number> {
  const { argv: args, env, stdout, stderr } = invocation;
  const run = { host: invocation, redactor: new Redactor() };
  const written = watched(stdout);
  stderr.on('error', () => {}); // The exit code reports the failure too.
  let exitCode = 0;

  const execute: Execute = async (verb, options, globals, command) => {
    const { executeCommand } = await import('./cli/execute.ts');
    exitCode = await executeCommand(verb, options, globals, { ...run, command });
  };
  // Most calls need it: it is read while the command line is built.
  if (!args.includes('--help')) import('./cli/execute.ts').catch(() => {});
  const program = buildProgram(execute, stdout);

  try {
    await runProgram(program, args);
    await written();
    return exitCode;
  } catch (thrown) {
    const [{ storedFormat }, { asChannelctlError, renderFailure }, { styleFor }] =
      await Promise.all([
        import('./cli/context.ts'),
        import('./ui/output/failure.ts'),
        import('./ui/output/style.ts'),
      ]);
    const error = asChannelctlError(thrown);
    const globals = program.opts<GlobalOptions>();
    const format = formatIn(args, globals) ?? (await storedFormat(globals, env));
    const refused = args.includes('--no-color');
    const style = await styleFor({ terminal: stderr.isTTY === true, refused, env });
    const redact = (text: string) => run.redactor.redact(text);
    if (error.kind === 'internal' && args.includes('--debug')) {
      const { renderStack } = await import('./ui/output/stack.ts');
      stderr.write(renderStack(thrown, redact));
    }
    stderr.write(renderFailure(error, { format, style, redact }));
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

/** Resolves when everything written to the stream has left the process, or its reader is gone. */
export function flushed(stream: Output): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed) resolve();
    else stream.write('', () => resolve());
  });
}

/**
 * Watches for what can't be written, which must not end the command. The function that it gives
 * throws where something was lost; a reader that has seen enough (`| head`) is no fault.
 */
function watched(stream: Output): () => Promise<void> {
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
