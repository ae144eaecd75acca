import inquirer from 'inquirer';
import { cancelledError } from '../shared/errors.ts';
import type { Style } from '../shared/style.ts';
import { plainText } from '../shared/text.ts';
import { promptTheme } from './prompt-theme.ts';
import { searchableCheckbox } from './searchable-checkbox.ts';
import type { Choice } from './terminal.ts';

/** Where questions are asked: on stderr, for stdout carries results alone. */
export interface PromptPlace {
  input: NodeJS.ReadStream;
  output: NodeJS.WriteStream;
  signal: AbortSignal;
  style: Style;
}

/** Inquirer's own errors for a prompt that was left with Ctrl-C or by an interruption. */
const LEFT = ['ExitPromptError', 'AbortPromptError', 'CancelPromptError'];

async function answered<Answer>(question: Promise<Answer>): Promise<Answer> {
  try {
    return await question;
  } catch (error) {
    if (error instanceof Error && LEFT.includes(error.name)) throw cancelledError();
    throw error;
  }
}

export async function confirm(place: PromptPlace, message: string): Promise<boolean> {
  const ask = inquirer.createPromptModule(place);
  const theme = promptTheme(place.style);
  const { answer } = await answered(
    ask<{ answer: boolean }>([{ type: 'confirm', name: 'answer', message, default: false, theme }]),
  );
  return answer;
}

export async function askText(
  place: PromptPlace,
  message: string,
  { initial, secret }: { initial?: string; secret?: boolean },
): Promise<string> {
  const ask = inquirer.createPromptModule(place);
  const question = { name: 'answer', message, theme: promptTheme(place.style) } as const;
  const { answer } = await answered(
    secret === true
      ? ask<{ answer: string }>([
          { ...question, type: 'password', mask: '*', toggleMask: false }, // Never on the screen.
        ])
      : ask<{ answer: string }>([
          { ...question, type: 'input', ...(initial !== undefined && { default: initial }) },
        ]),
  );
  return answer;
}

export async function chooseOne(
  place: PromptPlace,
  message: string,
  choices: readonly Choice[],
): Promise<string> {
  const ask = inquirer.createPromptModule(place);
  const lines = choices.map(({ value, label, note }) => ({
    value,
    name: plainText(note === undefined ? label : `${label}  ${note}`),
  }));
  const { answer } = await answered(
    ask<{ answer: string }>([
      {
        type: 'select',
        name: 'answer',
        message,
        choices: lines,
        theme: promptTheme(place.style),
      },
    ]),
  );
  return answer;
}

export function chooseMany(
  place: PromptPlace,
  message: string,
  choices: readonly Choice[],
): Promise<string[]> {
  const { output: screen, style } = place;
  return answered(searchableCheckbox({ message, choices, screen, style }, place));
}
