import type { GlobalOptions } from '../commands/shared/command.ts';
import { ChannelctlError, EXIT_CODES, systemCode } from '../shared/errors.ts';
import { FORMATS, type Format } from '../shared/formats.ts';
import type { Redactor } from '../shared/redactor.ts';
import { withSuggestion } from '../shared/suggest.ts';
import { asChannelctlError, renderFailure } from '../ui/output/failure.ts';
import { styleFor } from '../ui/output/style.ts';
import { terminalWidth } from '../ui/output/wrap.ts';
import { type Host, readStoredFormat } from './context.ts';

interface FailedInvocation extends Pick<Host, 'env' | 'stderr'> {
  argv: readonly string[];
}

/** @param redactor null if no secrets are known */
export async function reportFailure(
  thrown: unknown,
  { argv, env, stderr }: FailedInvocation,
  globals: GlobalOptions,
  redactor: Redactor | null,
): Promise<number> {
  const redact = (text: string) => redactor?.redact(text) ?? text;
  const error = withSuggestion(await withoutSecrets(asChannelctlError(thrown), redactor));
  const format = requestedFormat(argv, globals) ?? (await readStoredFormat(globals, env));
  // Options after an invalid one are not parsed, so they are missing from `globals`.
  const refused = argv.includes('--no-color');
  const style = await styleFor({ terminal: stderr.isTTY === true, refused, env });
  if (error.kind === 'internal' && argv.includes('--debug')) {
    const [{ renderStack }, { redactForeign }] = await Promise.all([
      import('../ui/output/stack.ts'),
      import('../shared/foreign/sanitize.ts'),
    ]);
    const clean = (text: string) => (redactor === null ? text : redactForeign(text, redactor));
    stderr.write(renderStack(thrown, clean));
  }
  stderr.write(renderFailure(error, { format, style, redact, width: terminalWidth(stderr) }));
  return EXIT_CODES[error.kind];
}

/** Redacts the quotations of Meta, of libraries and of the system in an error. */
async function withoutSecrets(
  error: ChannelctlError,
  redactor: Redactor | null,
): Promise<ChannelctlError> {
  if (redactor === null || (error.graph === null && error.cause === undefined)) return error;
  const { sanitizeError } = await import('../shared/foreign/sanitize.ts');
  return sanitizeError(error, redactor);
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
