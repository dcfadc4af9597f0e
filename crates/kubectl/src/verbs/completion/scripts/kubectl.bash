# bash completion for kubectl: kubectl itself says what may follow.

_kubectl_complete() {
    local current="${COMP_WORDS[COMP_CWORD]}" line directive=0
    local -a answers=()
    while IFS='' read -r line; do
        case "$line" in
            :[0-9]*) directive="${line#:}" ;;
            *) answers+=("${line%%$'\t'*}") ;;
        esac
    done < <(kubectl __completeNoDesc "${COMP_WORDS[@]:1:COMP_CWORD-1}" "$current" 2>/dev/null)

    COMPREPLY=()
    # 8: the answers are the endings of files; 4: nothing but the answers; 2: no space behind them.
    if ((directive & 8)); then
        local pattern
        for line in "${answers[@]}"; do
            pattern="$pattern|*.$line"
        done
        shopt -s extglob
        mapfile -t COMPREPLY < <(compgen -d -- "$current"; compgen -f -X "!@(${pattern#|})" -- "$current")
        return
    fi
    for line in "${answers[@]}"; do
        [[ "$line" == "$current"* ]] && COMPREPLY+=("$line")
    done
    if ((directive & 2)); then
        compopt -o nospace 2>/dev/null
    fi
    if ((!(directive & 4))) && ((${#COMPREPLY[@]} == 0)); then
        compopt -o default 2>/dev/null
    fi
}

complete -F _kubectl_complete kubectl
