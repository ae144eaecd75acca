import { Argument } from 'commander';
import { SHELLS, type Shell, scriptFor } from '../completion/scripts.ts';
import { defineCommand } from './shared/command.ts';

interface Options {
  shell: Shell;
}

export const completion = defineCommand<Options>({
  name: 'completion',
  summary: 'Print what makes a shell complete commands, accounts and channels',
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
    'A new shell has it then; for zsh the folder must be in fpath. Accounts are completed from the state file; nothing is sent.',
  result: { fields: ['shell', 'script'] },
  register: (command) =>
    command.addArgument(new Argument('<shell>', 'the shell to complete in').choices(SHELLS)),
  async run({ shell }) {
    const script = scriptFor(shell);
    return { data: { shell, script }, summary: script.trimEnd() };
  },
});
