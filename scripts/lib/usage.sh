# shellcheck shell=bash
# The usage of a script is the comment at its top, up to the line that begins with "set". To be sourced by bash.

# Prints it.
usage() {
    printf 'usage of %s:\n\n' "$0"
    sed -n '2,/^set/{s/^# \{0,1\}//p}' "$0"
}

# refuse REASON…: ends a script that was called in a wrong way, with the usage and status 2.
refuse() {
    printf '%s: %s; ' "$0" "$*" >&2
    usage >&2
    exit 2
}
