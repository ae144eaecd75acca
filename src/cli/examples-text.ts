import type { Example } from '../commands/shared/command.ts';

export function examplesText(examples: readonly Example[]): string {
  const lines = examples.map(({ line, about }) => `  # ${about}\n  channelctl ${line}`);
  return `\nExamples:\n${lines.join('\n')}`;
}
