#compdef podwire
# Completion of podwire for zsh; the executable itself knows what can follow.

_podwire() {
  local -a lines candidates
  local line
  lines=("${(@f)$("$words[1]" complete -- "${(@Q)words[2,CURRENT]}" 2> /dev/null)}")
  for line in $lines; do
    case $line in
      :file | :directory)
        [[ $PREFIX != --*=* ]] || compset -P '*='
        if [[ $line == :file ]]; then _files; else _files -/; fi
        return
        ;;
      *) candidates+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}") ;;
    esac
  done
  _describe -V podwire candidates
}

if [[ ${funcstack[1]} == _podwire ]]; then _podwire "$@"; else compdef _podwire podwire; fi
