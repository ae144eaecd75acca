import type { Command } from 'commander';

export interface DocumentOptions {
  file: string;
  prune?: boolean;
  offline?: boolean;
}

export function addDocumentOptions(command: Command): Command {
  return command
    .requiredOption('-f, --file <path|->', 'the document, YAML or JSON; - reads stdin')
    .option(
      '--prune',
      'take away what the sections of the document do not have, secrets of what stays excepted',
    )
    .option('--offline', 'look at the local state only: Meta is not asked');
}
