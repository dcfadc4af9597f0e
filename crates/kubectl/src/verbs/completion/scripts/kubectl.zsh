#compdef kubectl
compdef _kubectl kubectl

# zsh completion for kubectl: kubectl itself says what may follow.

_kubectl() {
    local line directive=0
    local -a answers
    while IFS='' read -r line; do
        case "$line" in
            :[0-9]*) directive="${line#:}" ;;
            *) answers+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}") ;;
        esac
    done < <(kubectl __complete "${(@)words[2,CURRENT]}" 2>/dev/null)

    # 8: the answers are the endings of files; 4: nothing but the answers; 2: no space behind them.
    if ((directive & 8)); then
        _files -g "*.(${(j:|:)answers%%:*})"
        return
    fi
    if ((${#answers})); then
        local -a options
        ((directive & 2)) && options=(-S '')
        _describe 'kubectl' answers "${options[@]}"
    elif ((!(directive & 4))); then
        _files
    fi
}

# Sourced, not autoloaded: nothing to complete yet.
if [ "$funcstack[1]" = "_kubectl" ]; then
    _kubectl
fi
