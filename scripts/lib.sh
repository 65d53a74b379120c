# shellcheck shell=bash
# lib.sh: what the scripts share. To be sourced by bash with `set -euo pipefail`.

# Debian's names of what pailfs is built from, what it runs with, and what its tests need besides.
# shellcheck disable=SC2034
{
BUILD_PACKAGES=(gcc libc6-dev cmake ninja-build pkg-config libfuse3-dev libcurl4-openssl-dev libssl-dev
                libexpat1-dev libjansson-dev zlib1g-dev libxxhash-dev uthash-dev)
RUN_PACKAGES=(fuse3 ca-certificates)
TEST_PACKAGES=(check python3 python3-venv attr procps git g++ clang valgrind)
FUZZ_PACKAGES=(libclang-rt-dev llvm)
SERVER_PACKAGES=(ceph-mon ceph-osd radosgw ceph-common)
}

say() {
    printf '%s\n' "$*" >&2
}

die() {
    say "${0##*/}: $*"
    exit 1
}

# refuse WORDS: of a command line that is wrong.
refuse() {
    say "${0##*/}: $*; ${0##*/} --help says more"
    exit 2
}

# need_value OPTION WHAT [VALUE]
need_value() {
    [ -n "${3:-}" ] || refuse "$1 needs $2"
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "not root, and no sudo to run: $*"
    fi
}

apt_get() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o Acquire::Retries=3 -o DPkg::Lock::Timeout=120 "$@"
}

# need_packages PACKAGE...: install those that are missing; nothing is asked of the network when none is.
need_packages() {
    local missing=() package try
    command -v dpkg-query >/dev/null || die "this is no Debian; install what these packages hold: $*"
    for package in "$@"; do
        # shellcheck disable=SC2016
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    say "installing: ${missing[*]}"
    for try in 1 2 3; do
        # The lists may be missing or too old: get them when the first attempt without has failed.
        if { [ "$try" -eq 1 ] || apt_get update >/dev/null; } &&
            apt_get install -y --no-install-recommends "${missing[@]}" >/dev/null; then
            return 0
        fi
        [ "$try" -eq 1 ] || sleep "$((try * 3))"
    done
    die "cannot install: ${missing[*]}"
}

# is_mounted DIR: whether a filesystem is mounted there, also one whose process has died.
is_mounted() {
    local dir
    dir=$(readlink -m -- "$1")
    awk -v dir="${dir// /\\040}" '$5 == dir { found = 1 } END { exit !found }' /proc/self/mountinfo
}

# unmount DIR: lazily if it must be; nothing happens if it is not mounted.
unmount() {
    is_mounted "$1" || return 0
    fusermount3 -u "$1" 2>/dev/null || umount "$1" 2>/dev/null ||
        fusermount3 -uz "$1" 2>/dev/null || umount -l "$1"
}

# port_is_free PORT: nothing answers there on the loopback.
port_is_free() {
    ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# need_environment REQUIREMENTS...: a Python environment in build/venv of the repository, with what these files
# of pip's name; nothing is asked of the network when it has them.
need_environment() {
    local venv file missing=()
    venv=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/build/venv
    mkdir -p "${venv%/*}"
    exec {environment_lock}>"$venv.lock"
    flock "$environment_lock"
    [ -x "$venv/bin/pip" ] || python3 -m venv --clear "$venv"
    for file in "$@"; do
        # A copy of the file stands for what it asks for.
        cmp -s "$file" "$venv/$(basename "$(dirname "$file")").installed" || missing+=("$file")
    done
    for file in "${missing[@]}"; do
        say "installing: $(paste -sd ' ' "$file")"
        "$venv/bin/pip" install -q --disable-pip-version-check -r "$file" || die "cannot install what $file names"
        cp "$file" "$venv/$(basename "$(dirname "$file")").installed"
    done
    exec {environment_lock}>&-
}
