# shellcheck shell=bash
# Completion of podwire for bash; the executable itself knows what can follow.

_podwire() {
  local -a words
  local last cut breaks line value
  # By blanks alone: bash's own words end at = and : too.
  read -r -a words <<< "${COMP_LINE:0:COMP_POINT}"
  [[ ${COMP_LINE:0:COMP_POINT} != *[[:space:]] ]] || words+=("")
  last=${words[-1]}
  # Of the last word bash replaces only what is behind its last = or :, unless the user made these no ends of words.
  cut=
  breaks=${COMP_WORDBREAKS//[^=:]/}
  [[ -z $breaks ]] || cut=${last%"${last##*["$breaks"]}"}
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :file | :directory)
        compopt -o filenames
        local action=-f
        [[ $line != :directory ]] || action=-d
        while IFS= read -r value; do COMPREPLY+=("$value"); done < <(compgen "$action" -- "${last#"$cut"}")
        ;;
      *)
        value=${line%%$'\t'*}
        COMPREPLY+=("${value#"$cut"}")
        ;;
    esac
  done < <("$1" complete -- "${words[@]:1}" 2> /dev/null)
}
complete -F _podwire podwire
