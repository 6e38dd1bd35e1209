#!/bin/sh
# scripts/make_venv.sh DIR -- a Python environment in DIR with scripts/requirements-test.txt.
#
# Does nothing when DIR has them already. Uses Debian's own python3, as other ones lack what
# python3-venv brings; where there is none, the first python3 of the PATH.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
wanted=$here/requirements-test.txt
cmp -s "$wanted" "$1/.requirements" && exit 0
python=/usr/bin/python3
[ -x $python ] || python=python3
rm -rf "$1"
$python -m venv "$1"
"$1/bin/python" -m pip install --quiet --disable-pip-version-check -r "$wanted"
cp "$wanted" "$1/.requirements"
