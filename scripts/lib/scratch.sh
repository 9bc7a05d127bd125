# shellcheck shell=bash
# What the Swift compiler leaves behind for its next run. To be sourced by bash, in the folder of the repository.

# The compiler, as far as what it has made depends on it.
toolchain() {
    printf '%s\n' "$(command -v swift)" && swift --version 2>&1
}

# prepare_scratch FOLDER: removes the scratch folder if it was made elsewhere or by another compiler. Compiled modules
# hold the path of their folder, and in a checkout that was moved or copied they fail with
# "missing required module 'SwiftShims'".
prepare_scratch() {
    local folder=$1 origin
    origin=$(pwd -P && toolchain)
    if [[ $(cat "$folder/.origin" 2>/dev/null) == "$origin" ]]; then return 0; fi
    if [[ -e $folder ]]; then
        printf '%s was made in another place or by another compiler: building it anew.\n' "$folder" >&2
        rm -rf -- "${folder:?}"
    fi
    mkdir -p "$folder"
    printf '%s\n' "$origin" >"$folder/.origin"
}
