import type { Shell } from "./shells.ts";

/*
 * What a person typed, and what is answered, is only ever handed on as words and lines: nothing of it is evaluated, expanded
 * or split again. That is why these are our own. The libraries that were looked at (@bomb.sh/tab, @pnpm/tabtab) evaluate
 * the command line, or let the shell expand the answer.
 */

/**
 * Bash takes `:` and `=` for the ends of words (COMP_WORDBREAKS): words are joined there again, and of an answer only what
 * follows the last of them is put in.
 */
const bash = `_devlatch() {
  local -a words=() lines=()
  local word line joined= current
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD}"; do
    if [[ \${#words[@]} -gt 0 && ( $word == [:=]* || -n $joined ) ]]; then
      words[\${#words[@]}-1]+=$word
    else
      words+=("$word")
    fi
    joined=
    [[ $word == *[:=] ]] && joined=1
  done
  COMPREPLY=()
  [[ \${#words[@]} -gt 0 ]] || return 0
  current=\${words[\${#words[@]}-1]}
  while IFS= read -r line; do lines+=("$line"); done < <(command devlatch completion bash -- "\${words[@]}" 2>/dev/null </dev/null)
  case \${lines[0]-} in
    :directories) compopt -o dirnames 2>/dev/null; return 0 ;;
    :*) compopt -o default 2>/dev/null; return 0 ;;
  esac
  for line in "\${lines[@]}"; do
    line=\${line%%$'\\t'*}
    [[ $current == *[:=]* ]] && line=\${line#"\${current%"\${current##*[:=]}"}"}
    COMPREPLY+=("$line")
  done
  return 0
}
complete -F _devlatch devlatch
`;

/** Works when it is sourced, and as a file \`_devlatch\` in fpath. */
const zsh = `#compdef devlatch
_devlatch() {
  local -a lines values shown
  local line
  lines=("\${(@f)$(command devlatch completion zsh -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null </dev/null)}")
  case $lines[1] in
    (:directories) _files -/; return ;;
    (:files) _files; return ;;
    (:command)
      local at=\${words[(i)--]}
      words=("\${(@)words[at+1,-1]}")
      (( CURRENT -= at ))
      _normal
      return ;;
  esac
  for line in "\${(@)lines}"; do
    [[ -n $line ]] || continue
    values+=("\${line%%$'\\t'*}")
    if [[ -n \${line#*$'\\t'} ]]; then
      shown+=("\${(Vr:22:)line%%$'\\t'*} \${(V)line#*$'\\t'}")
    else
      shown+=("\${(V)line%%$'\\t'*}")
    fi
  done
  (( $#values )) || return 1
  compadd -l -d shown -a values
}
if [[ $funcstack[1] == _devlatch ]]; then
  _devlatch "$@"
elif (( $+functions[compdef] )); then
  compdef _devlatch devlatch
fi
`;

const fish = `function __devlatch_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l lines (command devlatch completion fish -- $words[2..-1] "$current" 2>/dev/null </dev/null)
    switch "$lines[1]"
        case :directories
            __fish_complete_directories "$current"
        case ':*'
            __fish_complete_path "$current"
        case '*'
            printf '%s\\n' $lines
    end
end
complete -c devlatch -f -a '(__devlatch_complete)'
`;

/** A word with characters that a batch file could take for more than a word isn't handed on. */
const powershell = `Register-ArgumentCompleter -Native -CommandName devlatch -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 |
        Where-Object { $_.Extent.StartOffset -lt $cursorPosition } |
        ForEach-Object { if ($_.Extent.Text -match '^[\\w.:/=+-]+$') { $_.Extent.Text } else { '?' } })
    if ($wordToComplete -eq '') { $words += '""' }
    & devlatch completion powershell '--' @words 2>$null | Where-Object { -not $_.StartsWith(':') } | ForEach-Object {
        $value, $description = $_ -split "\`t", 2
        if (-not $description) { $description = $value }
        [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $description)
    }
}
`;

/** What a shell runs once to have \`devlatch\` completed. */
export const scripts: Readonly<Record<Shell, string>> = { bash, zsh, fish, powershell };
