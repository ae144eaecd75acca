export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;
export type Shell = (typeof SHELLS)[number];

// Each script except bash's passes the words up to the cursor to `channelctl __complete`. The
// current word comes last, with a colon in front so that it is passed even if it is empty. The
// output has one candidate per line, followed by a tab and a description. The line `:files` makes
// the shell complete file names as well, including after the `=` of an option.

// bash also splits words at @, = and :, which account keys and options can contain. Therefore its
// script passes the whole line and removes the part before the last split from the candidates.
const BASH = `_channelctl() {
  local line=\${COMP_LINE:0:COMP_POINT}
  local full=\${line##*[[:space:]]}
  local breaks=\${COMP_WORDBREAKS//[^@=:]/} cut='' files='' candidate about
  [[ -n $breaks ]] && cut=\${full%"\${full##*[$breaks]}"}
  COMPREPLY=()
  while IFS=$'\\t' read -r candidate about; do
    if [[ $candidate == :files ]]; then files=1; else COMPREPLY+=("\${candidate#"$cut"}"); fi
  done < <("$1" __complete --line "$line" 2>/dev/null)
  if [[ -n $files ]]; then
    local option='' rest
    [[ $full == --*=* ]] && option=\${full%%=*}=
    rest=\${full#"$option"}
    compopt -o filenames 2>/dev/null
    while IFS= read -r candidate; do candidate=$option$candidate; COMPREPLY+=("\${candidate#"$cut"}"); done \\
      < <(compgen -f -- "$rest")
  fi
}
complete -F _channelctl channelctl
`;

const ZSH = `#compdef channelctl
_channelctl() {
  local -a values shown
  local line files=0
  for line in "\${(@f)$("\${words[1]}" __complete "\${(@)words[2,CURRENT-1]}" ":$PREFIX" 2>/dev/null)}"; do
    if [[ $line == :files ]]; then
      files=1
    elif [[ -n $line ]]; then
      values+=("\${line%%$'\\t'*}")
      shown+=("\${line/$'\\t'/  -- }")
    fi
  done
  (( \${#values} )) && compadd -l -d shown -a values
  if (( files )); then
    [[ $PREFIX == --*=* ]] && compset -P '*='
    _files
  fi
  return 0
}
if [[ $funcstack[1] == _channelctl ]]; then _channelctl "$@"; else compdef _channelctl channelctl; fi
`;

const FISH = `function __channelctl_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -e words[1]
    for line in (command channelctl __complete $words ":$current" 2>/dev/null)
        if test "$line" = ":files"
            set -l option (string match -r -- '^--[^=]*=' "$current")
            set -l path (string replace -r -- '^--[^=]*=' '' "$current")
            for file in (__fish_complete_path "$path")
                printf '%s%s\\n' "$option" $file
            end
        else
            printf '%s\\n' $line
        end
    end
end
complete -c channelctl -f -a '(__channelctl_complete)'
`;

// If there are no candidates, PowerShell completes file names automatically.
const POWERSHELL = `Register-ArgumentCompleter -Native -CommandName channelctl -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 |
        Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { $_.ToString() })
    & channelctl __complete @words ":$wordToComplete" 2>$null | ForEach-Object {
        $value, $about = $_ -split "\`t", 2
        if ($value -ne ':files') {
            if (-not $about) { $about = $value }
            [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $about)
        }
    }
}
`;

const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: BASH,
  zsh: ZSH,
  fish: FISH,
  powershell: POWERSHELL,
};

export function scriptFor(shell: Shell): string {
  return SCRIPTS[shell];
}
