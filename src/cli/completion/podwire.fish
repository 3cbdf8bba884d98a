# Completion of podwire for fish; the executable itself knows what can follow.

function __podwire_complete
    set -l words (commandline --tokenize --cut-at-cursor --current-process)
    set -l last (commandline --current-token --cut-at-cursor)
    set -l option (string match --regex -- '^--[^=]*=' $last)
    set -l path (string replace --regex -- '^--[^=]*=' '' $last)
    for line in ($words[1] complete -- $words[2..] "$last" 2>/dev/null)
        switch $line
            case :file
                printf "$option%s\n" (__fish_complete_path "$path")
            case :directory
                printf "$option%s\n" (__fish_complete_directories "$path")
            case '*'
                echo -- $line
        end
    end
end

complete --command podwire --no-files --keep-order --arguments '(__podwire_complete)'
