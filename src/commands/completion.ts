import { SHELLS, scriptFor } from '../completion/scripts.ts';
import { defineCommand } from './shared/command.ts';

export const completion = defineCommand({
  name: 'completion',
  summary: 'Print a shell completion script',
  role: 'none',
  examples: [
    {
      line: 'completion bash > ~/.local/share/bash-completion/completions/channelctl',
      about: 'bash',
    },
    { line: 'completion zsh > ~/.zsh/completions/_channelctl', about: 'zsh' },
    { line: 'completion fish > ~/.config/fish/completions/channelctl.fish', about: 'fish' },
    { line: 'completion powershell >> $PROFILE', about: 'PowerShell' },
  ],
  notes:
    'Open a new shell to use completion. For zsh, the folder of the script must be in fpath. Account names are read from the state file, without sending requests.',
  result: { fields: ['shell', 'script'], isVerbatim: true },
  arguments: { '<shell>': { description: 'shell to generate the script for', choices: SHELLS } },
  async run({ shell }) {
    const script = scriptFor(shell);
    return { data: { shell, script }, summary: script.trimEnd() };
  },
});
