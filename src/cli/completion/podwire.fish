# Completion of podwire for fish; the executable itself knows what can follow.

function __podwire_complete
    set -l words (commandline --tokenize --cut-at-cursor --current-process)
    set -l last (commandline --current-token --cut-at-cursor)
    for line in ($words[1] complete -- $words[2..] "$last" 2>/dev/null)
        switch $line
            case :file
                __fish_complete_path (string replace --regex -- '^--[^=]*=' '' $last)
            case :folder
                __fish_complete_directories (string replace --regex -- '^--[^=]*=' '' $last)
            case '*'
                echo -- $line
        end
    end
end

complete --command podwire --no-files --keep-order --arguments '(__podwire_complete)'
