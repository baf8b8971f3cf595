# Completion for bash. It asks the program's own help, and so knows the options that there are.

# The options of a command (empty: of bpfc itself), as its help lists them, with what follows them.
_bpfc_options() {
  "$1" $2 --help 2>/dev/null | sed -n 's/^  \(-[^ ]*\( [A-Z][A-Z.]*\(:{[^}]*}\)\{0,1\}\)\{0,1\}\).*/\1/p'
}

# What the option $3 takes: {a,b}, FILE and so on.
_bpfc_value() {
  _bpfc_options "$1" "$2" | sed -n "s/^\(.*,\)\{0,1\}$3\(,[^ ]*\)\{0,1\} //p"
}

_bpfc() {
  local program=${COMP_WORDS[0]} word=${COMP_WORDS[COMP_CWORD]} command='' option='' value=''
  local commands='run check bench fuzz optimize sockets equiv implies overlap satisfy'
  if (( COMP_CWORD > 1 )) && [[ " $commands " == *" ${COMP_WORDS[1]} "* ]]; then
    command=${COMP_WORDS[1]}
  fi
  # `--format=c` is three words.
  if [[ $word == = ]]; then
    option=${COMP_WORDS[COMP_CWORD-1]}
    word=''
  elif (( COMP_CWORD > 1 )) && [[ ${COMP_WORDS[COMP_CWORD-1]} == = ]]; then
    option=${COMP_WORDS[COMP_CWORD-2]}
  else
    option=${COMP_WORDS[COMP_CWORD-1]}
  fi
  [[ $option == -* ]] && value=$(_bpfc_value "$program" "$command" "$option")
  case $value in
    *{*}*)
      value=${value#*{}
      value=${value%\}*}
      COMPREPLY=($(compgen -W "${value//,/ }" -- "$word"))
      return ;;
    FILE*)
      COMPREPLY=($(compgen -f -- "$word"))
      return ;;
    LINKTYPE*)
      COMPREPLY=($(compgen -W "$("$program" -L 2>/dev/null | sed 's/ .*//')" -- "$word"))
      return ;;
    NAME*)
      COMPREPLY=($(compgen -W "$(ls /sys/class/net 2>/dev/null) any" -- "$word"))
      return ;;
    ?*) return ;;
  esac
  if [[ $word == -* ]]; then
    COMPREPLY=($(compgen -W "$(_bpfc_options "$program" "$command" | sed 's/ .*//; s/,/ /g')" -- "$word"))
  elif (( COMP_CWORD == 1 )); then
    COMPREPLY=($(compgen -W "$commands" -- "$word"))
  fi
}
complete -F _bpfc bpfc
