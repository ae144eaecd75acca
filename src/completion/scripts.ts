export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;
export type Shell = (typeof SHELLS)[number];

// Each script except bash's passes the words up to the cursor to `channelctl __complete`. The
// current word comes last, with a colon in front so that it is passed even if it is empty. The
// output has one candidate per line, followed by a tab and a description. The line `:files` makes
// the shell complete file names as well, including after the `=` of an option.

// bash also splits words at @, = and :, which account keys and options can contain. Therefore its
// script passes the whole line and removes the part before the last split from the candidates. The
// line `:files` is followed by the current word with its quotes. Only a bash with compopt, unlike
// that of macOS, quotes the names of files and marks folders itself.
const BASH = `_channelctl() {
  local line=\${COMP_LINE:0:COMP_POINT}
  local full=\${line##*[[:space:]]}
  local breaks=\${COMP_WORDBREAKS//[^@=:]/} cut='' word='' files='' candidate about
  [[ -n $breaks ]] && cut=\${full%"\${full##*[$breaks]}"}
  COMPREPLY=()
  while IFS=$'\\t' read -r candidate about; do
    if [[ $candidate == :files ]]; then files=1 word=$about; else COMPREPLY+=("\${candidate#"$cut"}"); fi
  done < <("$1" __complete --line "$line" 2>/dev/null)
  [[ -n $files ]] || return 0
  local option='' quote='' path rest native=''
  [[ $word == --*=* ]] && option=\${word%%=*}= word=\${word#*=}
  [[ $word == [\\"\\']* ]] && quote=\${word:0:1}
  path=\${word#"$quote"}
  [[ $quote == "'" ]] || IFS= read path <<< "$path"
  cut=
  [[ -n $breaks && -z $quote ]] && cut=\${path%"\${path##*[$breaks]}"}
  compopt -o filenames 2>/dev/null && native=1
  while IFS= read -r candidate; do
    if [[ -z $native ]]; then
      rest=\${candidate#"$path"}
      [[ -n $quote || -z $rest ]] || printf -v rest %q "$rest"
      [[ -d \${candidate/#\\~/$HOME} ]] && rest+=/
      [[ -n $quote ]] && candidate=$path$rest || candidate=$word$rest
    fi
    COMPREPLY+=("\${candidate#"$cut"}")
  done < <(compgen -f -- "$path")
  [[ $breaks == *=* ]] || COMPREPLY=("\${COMPREPLY[@]/#/$option}")
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

// fish itself completes the names of files, which it can do inside quotes and after ~ and $HOME.
const FISH = `function __channelctl_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct | string replace -r -- '^["\\']' '' | string replace -ra -- '\\\\\\\\(.)' '$1')
    set -e words[1]
    command channelctl __complete $words ":$current" 2>/dev/null
end
complete -c channelctl -f -a '(__channelctl_complete | string match -v :files)'
complete -c channelctl -n '__channelctl_complete | string match -q :files' -F
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
