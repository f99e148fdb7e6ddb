/** The shells whose completion there is. */
export const shells = ['bash', 'zsh', 'fish'] as const;

/**
 * What makes a shell ask `pvx __complete WORD…`, which answers with a line for each candidate: the word, and behind a tab what it is.
 * Where there is none, files are completed.
 *
 * Bash takes `:` and `=` for ends of words, and so an image's tag for a word of its own: words are taken from the line, and what the shell
 * has already is cut off the answers.
 */
export const completionScripts: Readonly<Record<(typeof shells)[number], string>> = {
  bash: String.raw`# Completion of pvx for bash: source <(pvx completion bash)
_pvx() {
  local line="\${COMP_LINE:0:COMP_POINT}" words current head candidate
  read -r -a words <<< "$line"
  [[ "$line" == *[[:space:]] ]] && words+=('')
  current="\${words[\${#words[@]}-1]}"
  head="\${current%"\${current##*[:=]}"}"
  COMPREPLY=()
  while IFS=$'\t' read -r candidate _; do
    [[ -n "$candidate" ]] && COMPREPLY+=("\${candidate#"$head"}")
  done < <("\${words[0]}" __complete "\${words[@]:1}" 2>/dev/null)
  [[ \${#COMPREPLY[@]} -eq 1 && "\${COMPREPLY[0]}" == *: ]] && compopt -o nospace 2>/dev/null
  return 0
}
complete -o default -o bashdefault -F _pvx pvx
`.replaceAll('\\$', '$'),

  zsh: String.raw`#compdef pvx
# Completion of pvx for zsh: pvx completion zsh > ~/.zfunc/_pvx, with fpath+=~/.zfunc before compinit; or source <(pvx completion zsh)
_pvx() {
  local -a lines candidates
  lines=("\${(@f)$("\${words[1]}" __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  local line
  for line in "\${lines[@]}"; do
    [[ -z "$line" ]] && continue
    candidates+=("\${\${line%%$'\t'*}//:/\\:}:\${line#*$'\t'}")
  done
  if (( \${#candidates} )); then _describe -V pvx candidates; else _files; fi
}
if [[ "\${funcstack[1]}" == _pvx ]]; then _pvx "$@"; else compdef _pvx pvx; fi
`.replaceAll('\\$', '$'),

  fish: String.raw`# Completion of pvx for fish: pvx completion fish > ~/.config/fish/completions/pvx.fish
function __pvx_complete
  set -l words (commandline -opc)
  pvx __complete $words[2..-1] (commandline -ct) 2>/dev/null
end
complete -c pvx -a '(__pvx_complete)'
`,
};
