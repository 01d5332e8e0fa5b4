# fish completion for hpcli.
function __hpcli_complete
    set -l words (commandline -opc)
    set -l typed (commandline -ct)
    set -l program $words[1]
    set -e words[1]
    set -l lines (env _HPCLI_COMPLETE=fish $program $words "$typed" 2>/dev/null)
    switch "$lines[1]"
        case ':files' ':directories'
            set -l kept (string match -r '^.*[=@,]' -- "$typed")
            set -l rest (string replace -- "$kept" '' "$typed")
            set -l found (complete -C "__hpcli_no_such_command $rest")
            test "$lines[1]" = ':directories'; and set found (string match -r '.*/$' -- $found)
            test (count $found) -gt 0; and printf "$kept%s\n" $found
        case '*'
            test (count $lines) -gt 0; and printf '%s\n' $lines
    end
end

complete -c hpcli -e
complete -c hpcli -f -k -a '(__hpcli_complete)'
