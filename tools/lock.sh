#!/bin/sh
# Rewrites requirements.lock: one file with hashes for Linux, macOS and Windows and every
# Python from 3.11 on; runtime, `export`, `fast`, `cluster`, `dev` and the build backend. Needs the network.
# Pins that are still allowed stay; `tools/lock.sh --upgrade` takes the newest of everything.
set -eu
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

"${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check 'uv>=0.13,<0.14'

# `fewest` keeps one version of a package for all Pythons, so results agree between them.
"$work/venv/bin/uv" pip compile pyproject.toml --quiet --universal --fork-strategy fewest \
    --python-version 3.11 --extra export --extra fast --extra cluster --group dev --generate-hashes \
    --no-header --no-emit-index-url --output-file requirements.lock "$@"
echo "requirements.lock is up to date."
