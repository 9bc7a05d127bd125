# shellcheck shell=bash
#
# Finds a real Suricata, or fetches the one that Debian has without installing it.
#
# To be sourced by bash; works under `set -euo pipefail`. Messages go to standard error, results to standard output.
#
#   . scripts/lib/suricata.sh
#   suricata_locate                  prints the path of the program; status 1 if there is none yet. Never fetches.
#   suricata_obtain [--no-install]   prints the path of the program, after fetching it if there is none yet;
#                                    with --no-install it only says what it would do, status 3.
#                                    Status 1: could not be had, the reason has been said.
#   suricata_version PROGRAM         prints for example 7.0.10; status 1 if the program does not run.
#
# Order of search: $SURICATA, PATH (with the sbin folders), the copy that suricata_obtain fetched before.
#
# Why the packages are unpacked under build/suricata instead of installed: installing Debian's package starts a daemon
# that listens on eth0 and creates /etc/suricata and /var/log/suricata, and on Debian 12 it would need a change of the
# apt sources, because there only the backports have Suricata. Unpacked, nothing outside this repository changes, no
# root is needed, and `rm -r build/suricata` undoes it. apt still checks Debian's signatures: it runs with its own
# sources list, package lists and cache, made from the mirrors that the user's own sources name.
#
# SURICATA_FOLDER changes where the copy is kept (default build/suricata in this repository).

suricata_repository=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
suricata_folder=${SURICATA_FOLDER:-$suricata_repository/build/suricata}

suricata_say() { printf 'suricata: %s\n' "$*" >&2; }

suricata_version() {
    local text
    text=$("$1" -V 2>/dev/null) || return 1
    [[ $text =~ version\ ([0-9][0-9.]*) ]] || return 1
    printf '%s\n' "${BASH_REMATCH[1]}"
}

suricata_locate() {
    local program
    if [[ -n ${SURICATA:-} ]]; then
        program=$(command -v -- "$SURICATA") || { suricata_say "SURICATA=$SURICATA is not a program"; return 1; }
        printf '%s\n' "$program"
        return 0
    fi
    if program=$(PATH=$PATH:/usr/local/sbin:/usr/sbin:/usr/local/bin:/usr/bin type -P suricata); then
        printf '%s\n' "$program"
    elif [[ -x $suricata_folder/suricata ]]; then
        printf '%s\n' "$suricata_folder/suricata"
    else
        return 1
    fi
}

suricata_obtain() {
    local only_say=false program codename
    [[ ${1:-} == --no-install ]] && only_say=true
    if [[ -n ${SURICATA:-} ]]; then
        suricata_locate
        return
    fi
    if program=$(suricata_locate); then
        # A copy whose system libraries have changed since is fetched anew; a program of the user's is not judged.
        if [[ $program != "$suricata_folder/suricata" ]] || suricata_version "$program" >/dev/null; then
            printf '%s\n' "$program"
            return 0
        fi
        suricata_say "the copy in $suricata_folder no longer runs (were system libraries removed?); fetching it again"
    fi
    # shellcheck source=/dev/null
    codename=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")
    if [[ -z $codename ]] || ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
        suricata_say 'no Suricata found, and this is not Debian: install it and put it on PATH or into SURICATA'
        return 1
    fi
    if $only_say; then
        suricata_say "not found. Would fetch Debian's packages of it (about 20 MB with package lists) and unpack"
        suricata_say "them in $suricata_folder; nothing would be installed, and apt's sources would stay"
        return 3
    fi
    suricata_fetch "$codename" || return 1
    printf '%s\n' "$suricata_folder/suricata"
}

# Writes one line `URI suite` for each Debian archive that the user's own apt sources name for this release.
suricata_debian_sources() {
    apt-get -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= indextargets --no-release-info \
        --format "\$(REPO_URI) \$(RELEASE) \$(COMPONENT)" 'Created-By: Packages' 2>/dev/null |
        awk -v codename="$1" '
            $3 == "main" && ($2 == codename || $2 == codename "-updates" || $2 == codename "-security") \
                && $1 ~ /debian/ && !seen[$1, $2]++ { print $1, $2 }'
}

suricata_fetch() (
    codename=$1
    # Everything happens in a folder of its own that takes the final name only when it is complete, so that an
    # interrupted or a simultaneous second fetch never leaves a half copy.
    mkdir -p "$(dirname -- "$suricata_folder")" || exit 1
    work=$(mktemp -d "$suricata_folder.XXXXXX") || exit 1
    trap 'rm -rf -- "$work"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    mkdir -p "$work"/apt/{lists/partial,cache/archives/partial,packages} "$work/root" || exit 1

    apt=(-q -o "Dir::Etc::SourceList=$work/apt/sources.list" -o Dir::Etc::SourceParts=/dev/null
        -o "Dir::State::Lists=$work/apt/lists" -o "Dir::Cache=$work/apt/cache" -o "Dir::Log=$work/apt"
        -o Debug::NoLocking=true -o APT::Sandbox::User= -o Acquire::Languages=none -o Acquire::Retries=3
        -o APT::Update::Pre-Invoke::= -o APT::Update::Post-Invoke::=
        -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false)
    target=()

    sources=$(suricata_debian_sources "$codename")
    mirror=$(awk -v codename="$codename" '$2 == codename { print $1; exit }' <<<"$sources")
    if [[ -z $mirror ]]; then
        mirror=http://deb.debian.org/debian
        sources="$mirror $codename"$'\n'"$sources"
    fi
    keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    signed=
    [[ -r $keyring ]] && signed="[signed-by=$keyring] "
    awk -v signed="$signed" 'NF == 2 { print "deb " signed $1, $2, "main" }' <<<"$sources" >"$work/apt/sources.list"

    suricata_say "not on this machine; looking for it in Debian $codename ($mirror)"
    suricata_apt_update "$work" "${apt[@]}" || exit 1
    if ! suricata_has_candidate "${apt[@]}"; then
        suricata_say "$codename itself has no Suricata, so its backports are asked (your apt sources stay as they are)"
        printf 'deb %s%s %s-backports main\n' "$signed" "$mirror" "$codename" >>"$work/apt/sources.list"
        suricata_apt_update "$work" "${apt[@]}" || exit 1
        if ! suricata_has_candidate "${apt[@]}"; then
            suricata_say 'no package suricata there either; install Suricata yourself and put its path into SURICATA'
            exit 1
        fi
        target=(-t "$codename-backports")
    fi

    # Only libraries matter: what Debian's package needs beyond them (Python, init helpers) serves its service file
    # and its tools. The C library is never taken along, it must be the one of the running system.
    plan=$(apt-get "${apt[@]}" "${target[@]}" --no-install-recommends --simulate install suricata \
        2>"$work/apt/log") || {
        suricata_say 'apt finds no way to satisfy its dependencies:'
        cat "$work/apt/log" >&2
        exit 1
    }
    mapfile -t packages < <(sed -nE 's/^Inst ([^ ]+) (\[[^]]*\] )?\(([^ ]+) .*/\1=\3/p' <<<"$plan" |
        grep -E '^(lib|zlib1g=|suricata=)' | grep -Ev '^(libc6|libc-|libpython|libperl)')
    suricata_say "downloading ${#packages[@]} packages (Suricata and the libraries that this machine lacks)"
    (cd "$work/apt/packages" && apt-get "${apt[@]}" "${target[@]}" download "${packages[@]}") >"$work/apt/log" 2>&1 || {
        suricata_say 'the download failed:'
        cat "$work/apt/log" >&2
        exit 1
    }
    for package in "$work"/apt/packages/*.deb; do
        dpkg-deb --extract "$package" "$work/root" || exit 1
    done
    rm -rf -- "$work/apt" "$work"/root/usr/share/{doc,man,locale,lintian}

    # Written so that the folder may be moved: every path is found from the place of the script itself.
    cat >"$work/suricata" <<'END'
#!/bin/sh
root=$(dirname -- "$(readlink -f -- "$0")")/root
for folder in "$root"/usr/lib/*-linux-* "$root"/lib/*-linux-* "$root"/usr/lib "$root"/lib; do
    [ -d "$folder" ] && LD_LIBRARY_PATH=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$folder
done
export LD_LIBRARY_PATH
[ -r "$root/usr/lib/file/magic.mgc" ] && export MAGIC="$root/usr/lib/file/magic.mgc"
exec "$root/usr/bin/suricata" "$@"
END
    chmod 755 "$work" "$work/suricata" || exit 1
    version=$(suricata_version "$work/suricata") || {
        suricata_say 'the unpacked program does not run:'
        "$work/suricata" -V >&2
        exit 1
    }
    if suricata_version "$suricata_folder/suricata" >/dev/null 2>&1; then
        suricata_say 'another run has fetched it meanwhile'
        exit 0
    fi
    rm -rf -- "$suricata_folder"
    mv -T -- "$work" "$suricata_folder" || exit 1
    suricata_say "Suricata $version is in $suricata_folder (unpacked, not installed; no service, no system file)"
)

# The arguments after the working folder are apt's options.
suricata_apt_update() {
    local work=$1
    shift
    apt-get "$@" update >"$work/apt/log" 2>&1 && return 0
    suricata_say 'the package lists could not be read:'
    grep -E '^[EW]:' "$work/apt/log" >&2
    return 1
}

suricata_has_candidate() {
    apt-cache "$@" policy suricata 2>/dev/null | grep -E '^ *Candidate: [0-9]' >/dev/null
}
