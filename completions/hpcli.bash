# bash completion for hpcli; works with bash 3.2 of macOS.
_hpcli() {
    local program=${COMP_WORDS[0]} rest=${COMP_LINE:0:COMP_POINT} words=() word is_new i
    type -P -- "$program" >/dev/null || program=hpcli

    # bash splits words at = : and @; rebuild them as typed, the last one up to the cursor.
    for ((i = 0; i <= COMP_CWORD; i++)); do
        is_new=$((i == 0 || ${#rest} == 0))
        [[ $rest == [[:blank:]]* ]] && is_new=1
        rest=${rest#"${rest%%[![:blank:]]*}"}
        word=${COMP_WORDS[i]}
        ((i == COMP_CWORD)) && word=$rest
        if ((i == COMP_CWORD)) && [[ -z $rest && ${COMP_LINE:0:COMP_POINT} != *[[:blank:]] ]]; then is_new=0; fi
        if ((is_new)); then words+=("$word"); else words[${#words[@]} - 1]+=$word; fi
        rest=${rest#"$word"}
    done

    local typed=${words[${#words[@]} - 1]} values=() texts=() value text longest=0
    while IFS=$'\t' read -r value text; do
        values+=("$value")
        texts+=("$text")
        ((${#value} > longest)) && longest=${#value}
    done < <(_HPCLI_COMPLETE=bash "$program" "${words[@]:1}" 2>/dev/null)

    # bash keeps the part before the last = or :, so it must not be repeated.
    local kept=${typed%"${typed##*[=:]}"} kind at=
    COMPREPLY=()
    case ${values[0]-} in
        :files | :directories)
            kind=-f
            [[ ${values[0]} == :directories ]] && kind=-d
            typed=${typed#"$kept"}
            if [[ $typed == @* ]]; then at=@; else compopt -o filenames 2>/dev/null; fi
            while IFS= read -r value; do COMPREPLY+=("$at$value"); done < <(compgen "$kind" -- "${typed#@}")
            if [[ -n $at && ${#COMPREPLY[@]} -eq 1 && -d ${COMPREPLY[0]#@} ]]; then
                COMPREPLY[0]+=/
                compopt -o nospace 2>/dev/null
            fi
            return
            ;;
    esac

    # Several values are listed with their descriptions; bash inserts their common beginning.
    local is_listed=$((${#values[@]} > 1 && COMP_TYPE != 37 && COMP_TYPE != 42)) begins=0 width=${COLUMNS:-80}
    for ((i = 0; i < ${#values[@]}; i++)); do
        value=${values[i]}
        [[ $value == "$typed"* ]] && begins=1
        value=${value#"$kept"}
        if ((is_listed)) && [[ -n ${texts[i]} ]]; then
            printf -v value "%-${longest}s  (%s)" "$value" "${texts[i]}"
            value=${value:0:width - 2}
        fi
        COMPREPLY+=("$value")
    done
    # Found by name: bash must not replace the name by the common beginning of the ids.
    if ((is_listed && !begins)) && [[ -n $typed ]]; then COMPREPLY+=("$typed ..."); fi
    return 0
}
complete -F _hpcli hpcli
