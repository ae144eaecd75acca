import type { GlobalOptions } from '../commands/shared/command.ts';
import { ChannelctlError, EXIT_CODES, systemCode } from '../shared/errors.ts';
import { FORMATS, type Format } from '../shared/formats.ts';
import { asChannelctlError, renderFailure } from '../ui/output/failure.ts';
import { styleFor } from '../ui/output/style.ts';
import { type Host, readStoredFormat } from './context.ts';

interface FailedInvocation extends Pick<Host, 'env' | 'stderr'> {
  argv: readonly string[];
}

export async function reportFailure(
  thrown: unknown,
  { argv, env, stderr }: FailedInvocation,
  globals: GlobalOptions,
  redact: (text: string) => string,
): Promise<number> {
  const error = asChannelctlError(thrown);
  const format = requestedFormat(argv, globals) ?? (await readStoredFormat(globals, env));
  // Options after an invalid one are not parsed, so they are missing from `globals`.
  const refused = argv.includes('--no-color');
  const style = await styleFor({ terminal: stderr.isTTY === true, refused, env });
  if (error.kind === 'internal' && argv.includes('--debug')) {
    const { renderStack } = await import('../ui/output/stack.ts');
    stderr.write(renderStack(thrown, redact));
  }
  stderr.write(renderFailure(error, { format, style, redact }));
  return EXIT_CODES[error.kind];
}

/** Returns the requested output format, even if an invalid option prevents parsing. */
function requestedFormat(
  argv: readonly string[],
  { json, output }: GlobalOptions,
): Format | undefined {
  if (json === true || argv.includes('--json')) return 'json';
  if (output !== undefined) return output;
  const wanted = argv.map((arg, index) =>
    arg === '-o' || arg === '--output' ? argv[index + 1] : /^(?:-o|--output=)(.+)$/s.exec(arg)?.[1],
  );
  return FORMATS.find((format) => wanted.includes(format));
}

export function lostOutputError(cause: Error): ChannelctlError {
  const code = systemCode(cause) ?? cause.message;
  return new ChannelctlError('internal', `Writing to stdout failed (${code}).`, {
    hint: 'Completed changes are not undone. Free up disk space, or redirect the output elsewhere.',
    cause,
  });
}
