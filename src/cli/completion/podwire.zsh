#compdef podwire
# Completion of podwire for zsh; the executable itself knows what can follow.

_podwire() {
  local -a lines candidates
  local line value
  lines=("${(@f)$("$words[1]" complete -- "${(@Q)words[2,CURRENT]}" 2> /dev/null)}")
  [[ $PREFIX != --*=* ]] || compset -P '*='
  for line in $lines; do
    case $line in
      :file) _files && return ;;
      :folder) _files -/ && return ;;
      *)
        value=${${line%%$'\t'*}#$IPREFIX}
        candidates+=("${value//:/\\:}:${line#*$'\t'}")
        ;;
    esac
  done
  _describe -V podwire candidates
}

if [[ ${funcstack[1]} == _podwire ]]; then _podwire "$@"; else compdef _podwire podwire; fi
