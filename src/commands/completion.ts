import { SHELLS, scriptFor } from '../completion/scripts.ts';
import { defineCommand } from './shared/command.ts';

export const completion = defineCommand({
  name: 'completion',
  summary: 'Print the script for shell completion',
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
    'Open a new shell to use it; for zsh the folder must be in fpath. Account names come from the state file; nothing is sent.',
  result: { fields: ['shell', 'script'] },
  arguments: { '<shell>': { description: 'the shell to complete in', choices: SHELLS } },
  async run({ shell }) {
    const script = scriptFor(shell);
    return { data: { shell, script }, summary: script.trimEnd() };
  },
});
