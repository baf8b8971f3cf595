# Completion for fish. It asks the program's own help, and so knows the options that there are.

function __bpfc_options
    set -l words (commandline -opc)
    set -l command
    if set -q words[2]; and contains -- $words[2] run check bench fuzz optimize sockets equiv implies overlap satisfy
        set command $words[2]
    end
    bpfc $command --help 2>/dev/null | string match -rg '^  (-[^ ]+)' | string split ,
end

complete -c bpfc -f
complete -c bpfc -n 'test (count (commandline -opc)) -eq 1' -a 'run check bench fuzz optimize sockets equiv implies overlap satisfy'
complete -c bpfc -n 'string match -q -- "-*" (commandline -ct)' -a '(__bpfc_options)'
complete -c bpfc -s r -l read -s w -l write -s F -l file -l program -l profile -rF
complete -c bpfc -s y -l linktype -x -a '(bpfc -L 2>/dev/null | string replace -r " .*" "")'
