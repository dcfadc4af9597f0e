# fish completion for kubectl: kubectl itself says what may follow.

function __kubectl_complete
    set -l words (commandline -opc) (commandline -ct)
    set -e words[1]
    for line in (kubectl __complete $words 2>/dev/null)
        # The last line is the directive.
        string match -qr '^:[0-9]+$' -- $line; or echo $line
    end
end

complete -c kubectl -f -a '(__kubectl_complete)'
complete -c kubectl -s f -l filename -r -F
