import confirmPrompt from '@inquirer/confirm';
import inputPrompt from '@inquirer/input';
import passwordPrompt from '@inquirer/password';
import selectPrompt from '@inquirer/select';
import { cancelledError } from '../../shared/errors.ts';
import type { Input, Output } from '../../shared/streams.ts';
import { stripControlCharacters } from '../../shared/text.ts';
import type { Style } from '../output/style.ts';
import { promptTheme } from './prompt-theme.ts';
import { searchableCheckbox } from './searchable-checkbox.ts';
import type { Choice } from './terminal.ts';

/** The terminal for prompts. They are on stderr, because stdout has only results. */
export interface PromptPlace {
  input: Input;
  output: Output;
  signal: AbortSignal;
  style: Style;
}

/** Inquirer's errors for a prompt that ended with Ctrl-C, Ctrl-D or an interruption. */
const LEFT = ['ExitPromptError', 'AbortPromptError', 'CancelPromptError'];

/**
 * The answer to a prompt. Inquirer ignores the end of input (Ctrl-D): it would wait forever, and
 * Node exits if there is nothing else to do.
 *
 * @throws ChannelctlError of kind `cancelled` if the user leaves the prompt
 */
async function answered<Answer>(
  place: PromptPlace,
  ask: (place: PromptPlace) => Promise<Answer>,
): Promise<Answer> {
  if (place.input.readableEnded) throw cancelledError(); // Ended by Ctrl-D at an earlier prompt.
  // Node 20 may garbage-collect the signal of AbortSignal.any during the wait.
  const left = new AbortController();
  const leave = () => left.abort();
  place.input.once('pause', leave);
  if (place.signal.aborted) leave();
  place.signal.addEventListener('abort', leave);
  try {
    return await ask({ ...place, signal: left.signal });
  } catch (error) {
    if (error instanceof Error && LEFT.includes(error.name)) throw cancelledError();
    throw error;
  } finally {
    place.input.off('pause', leave);
    place.signal.removeEventListener('abort', leave);
  }
}

export function confirm(place: PromptPlace, message: string): Promise<boolean> {
  const theme = promptTheme(place.style);
  return answered(place, (here) => confirmPrompt({ message, default: false, theme }, here));
}

export function askText(
  place: PromptPlace,
  message: string,
  { initial, secret }: { initial?: string; secret?: boolean },
): Promise<string> {
  const question = { message, theme: promptTheme(place.style) };
  return answered(place, (here) =>
    secret === true
      ? passwordPrompt({ ...question, mask: '*', toggleMask: false }, here)
      : inputPrompt({ ...question, ...(initial !== undefined && { default: initial }) }, here),
  );
}

export function chooseOne(
  place: PromptPlace,
  message: string,
  choices: readonly Choice[],
): Promise<string> {
  const lines = choices.map(({ value, label, note }) => ({
    value,
    name: stripControlCharacters(note === undefined ? label : `${label}  ${note}`),
  }));
  const theme = promptTheme(place.style);
  return answered(place, (here) => selectPrompt({ message, choices: lines, theme }, here));
}

export function chooseMany(
  place: PromptPlace,
  message: string,
  choices: readonly Choice[],
): Promise<string[]> {
  const { output: screen, style } = place;
  return answered(place, (here) => searchableCheckbox({ message, choices, screen, style }, here));
}
