import confirmPrompt from '@inquirer/confirm';
import inputPrompt from '@inquirer/input';
import passwordPrompt from '@inquirer/password';
import selectPrompt from '@inquirer/select';
import { truncate } from '../../shared/cut.ts';
import { cancelledError } from '../../shared/errors.ts';
import type { Input, Output } from '../../shared/streams.ts';
import { stripControlCharacters } from '../../shared/text.ts';
import type { Style } from '../output/style.ts';
import { fitQuestion, promptTheme } from './prompt-theme.ts';
import { searchableCheckbox } from './searchable-checkbox.ts';
import type { Choice, TextOptions } from './terminal.ts';

const DEFAULT_COLUMNS = 80;
const MIN_CHOICE_WIDTH = 8;

/** The terminal for prompts, which are printed to stderr because stdout is only for results. */
export interface PromptContext {
  input: Input;
  output: Output;
  signal: AbortSignal;
  style: Style;
}

const CANCEL_ERRORS = ['ExitPromptError', 'AbortPromptError', 'CancelPromptError'];

/**
 * Shows a prompt and returns the answer. Also cancels the prompt at the end of input (Ctrl-D),
 * which Inquirer ignores: it would wait forever, or Node.js would exit because nothing else is
 * pending.
 *
 * @throws ChannelctlError `cancelled` if the prompt is cancelled or interrupted
 */
async function runPrompt<Answer>(
  context: PromptContext,
  ask: (context: PromptContext) => Promise<Answer>,
): Promise<Answer> {
  // Ctrl-D at an earlier prompt ended the input.
  if (context.input.readableEnded) throw cancelledError();
  // AbortSignal.any is not used, because Node.js 20 may garbage-collect its signal while the prompt
  // waits.
  const left = new AbortController();
  const leave = () => left.abort();
  context.input.once('pause', leave);
  if (context.signal.aborted) leave();
  context.signal.addEventListener('abort', leave);
  try {
    return await ask({ ...context, signal: left.signal });
  } catch (error) {
    if (error instanceof Error && CANCEL_ERRORS.includes(error.name)) throw cancelledError();
    throw error;
  } finally {
    context.input.off('pause', leave);
    context.signal.removeEventListener('abort', leave);
  }
}

export function confirm(context: PromptContext, question: string): Promise<boolean> {
  const { message, theme } = questionOf(context, question);
  return runPrompt(context, (here) => confirmPrompt({ message, default: false, theme }, here));
}

export function askText(
  context: PromptContext,
  question: string,
  { initial, secret, check }: TextOptions,
): Promise<string> {
  const validate = (answer: string) => check?.(answer.trim()) ?? true;
  const asked = { ...questionOf(context, question), validate };
  return runPrompt(context, (here) =>
    secret === true
      ? passwordPrompt({ ...asked, mask: '*', toggleMask: false }, here)
      : inputPrompt({ ...asked, ...(initial !== undefined && { default: initial }) }, here),
  );
}

export function chooseOne(
  context: PromptContext,
  question: string,
  choices: readonly Choice[],
): Promise<string> {
  const columns = columnsOf(context);
  const lines = choices.map(({ value, label, note }) => ({
    value,
    name: truncate(
      stripControlCharacters(note === undefined ? label : `${label}  ${note}`),
      Math.max(columns - 3, MIN_CHOICE_WIDTH),
    ),
    short: stripControlCharacters(label),
  }));
  const asked = { ...questionOf(context, question), choices: lines };
  return runPrompt(context, (here) => selectPrompt(asked, here));
}

export function chooseMany(
  context: PromptContext,
  message: string,
  choices: readonly Choice[],
): Promise<string[]> {
  const { output: screen, style } = context;
  return runPrompt(context, (here) =>
    searchableCheckbox({ message, choices, screen, style }, here),
  );
}

function questionOf(context: PromptContext, question: string) {
  const columns = columnsOf(context);
  const message = fitQuestion(question, columns);
  return { message, theme: promptTheme(context.style, `? ${message}`, columns) };
}

function columnsOf({ output }: PromptContext): number {
  return output.columns || DEFAULT_COLUMNS;
}
