import type { Example } from '../commands/shared/command.ts';

/** Returns the examples for the end of a help text. */
export function examplesText(examples: readonly Example[]): string {
  const lines = examples.map(({ line, about }) => `  # ${about}\n  channelctl ${line}`);
  return `\nExamples:\n${lines.join('\n')}`;
}
