#!/bin/sh
# Makes the private virtual environment .venv from requirements.lock, then installs the project
# into it for editing. Does nothing when the stamp in it says that this was done already.
#
# On failure: one sentence on stderr and exit code 1. PYTHON may name the interpreter.
# The stamp is written last, so an environment left half-made is built again next time. Plain
# POSIX sh: works with the tools of Linux and macOS.
set -u
cd "$(dirname "$0")/.." || exit 1

VENV=.venv
STAMP=$VENV/setup-stamp
LOG=.setup.log
NETWORK="Setting up needs the network once: the package index could not be reached; connect and run make again."

# A user's own settings must not redirect the installation or the interpreter.
unset PYTHONHOME PYTHONPATH PIP_TARGET PIP_PREFIX PIP_REQUIRE_HASHES PIP_NO_DEPS
export PIP_USER=0 PIP_NO_INPUT=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_PROGRESS_BAR=off

say() { printf '%s\n' "$*" >&2; }
stop() { say "$*"; exit 1; }

# fingerprints PYTHON: what the environment is made from; line 1 for the packages (lock, Python,
# place), line 2 for the project (pyproject.toml).
fingerprints() {
    "$1" -I - <<'END'
import hashlib, os, sys
def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()
print("packages %s %d.%d %s" % ((digest("requirements.lock"),) + sys.version_info[:2] + (os.getcwd(),)))
print("project %s" % digest("pyproject.toml"))
END
}

# find_python: sets PYTHON to an interpreter of 3.11 or later, or stops.
find_python() {
    if [ -n "${PYTHON:-}" ]; then set -- "$PYTHON"; else set -- python3 python3.13 python3.12 python3.11; fi
    for name; do
        "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || continue
        PYTHON=$name
        return
    done
    stop "Python 3.11 or later is needed and $1 is not one; install it, or name it: make PYTHON=python3.12 ..."
}

# pip_install ARGUMENTS: pip inside the environment, everything it says goes to the log.
pip_install() {
    "$VENV/bin/python" -I -m pip install --retries 3 "$@" >>"$LOG" 2>&1 &
    pip=$!
    while kill -0 "$pip" 2>/dev/null; do
        if [ -z "${announced:-}" ] && grep -Eq 'Downloading|Using cached' "$LOG"; then
            announced=yes
            say "Setting up $VENV, once; this takes a minute or two ..."
        fi
        sleep 0.2 2>/dev/null || sleep 1
    done
    wait "$pip"
    code=$?
    pip=
    return "$code"
}

# network_failed: whether the log shows that pip could not reach its index, not another fault.
network_failed() {
    grep -Eq 'SSLError|CERTIFICATE_VERIFY|DO NOT MATCH THE HASHES|No space left' "$LOG" && return 1
    grep -Eq 'Max retries exceeded|ReadTimeoutError|ConnectionResetError' "$LOG" && return 0
    grep -q 'Retrying (Retry' "$LOG" && grep -q 'No matching distribution found' "$LOG"
}

stop_on_pip_failure() {
    if network_failed; then stop "$NETWORK"; fi
    stop "Setting up failed; what pip said is in $LOG."
}

pip=
trap 'test -z "$pip" || kill "$pip" 2>/dev/null; exit 130' INT TERM HUP

# Is it done already? Then this is all that happens.
have=$(cat "$STAMP" 2>/dev/null)
want=
if [ -n "$have" ] && [ -z "${PYTHON:-}" ]; then
    want=$(fingerprints "$VENV/bin/python" 2>/dev/null)
fi
if [ -z "$want" ]; then
    find_python
    want=$(fingerprints "$PYTHON") || stop "Setting up failed: requirements.lock and pyproject.toml could not be read."
fi
[ "$have" = "$want" ] && [ -x "$VENV/bin/pricing" ] && exit 0

: >"$LOG" || exit 1
newline='
'
if [ "${have%$newline*}" != "${want%$newline*}" ] || ! "$VENV/bin/python" -I -c '' 2>/dev/null; then
    [ -n "${PYTHON:-}" ] || find_python
    rm -rf "$VENV" || exit 1
    "$PYTHON" -m venv "$VENV" >>"$LOG" 2>&1 ||
        stop "Setting up failed: $PYTHON could not make a virtual environment (on Debian install python3-venv); its words are in $LOG."
    # The lock is complete; left to resolve, pip wants the newest `coverage[toml]` where the lock
    # pins `coverage`, and refuses it for want of a hash.
    pip_install --no-deps --require-hashes --requirement requirements.lock || stop_on_pip_failure
    "$VENV/bin/python" -I -m pip check >>"$LOG" 2>&1 || stop_on_pip_failure
fi
rm -f "$STAMP"
pip_install --no-deps --no-build-isolation --editable . || stop_on_pip_failure

printf '%s\n' "$want" >"$STAMP.new" && mv "$STAMP.new" "$STAMP" || exit 1
rm -f "$LOG"
