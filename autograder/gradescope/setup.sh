#!/usr/bin/env bash
# Gradescope runs this once, as root, when it builds the image: Python and the grader's packages, of
# the versions that the course grades with. Grading itself needs no network.
set -euo pipefail
cd /autograder/source

python=""
for name in python3.11 python3.12 python3.13 python3; do
  if command -v "$name" >/dev/null &&
    "$name" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    python=$name
    break
  fi
done
if [ -z "$python" ]; then # Ubuntu 22.04, the platform's default, comes with 3.10
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    python3.11 python3.11-venv ca-certificates
  python=python3.11
fi

"$python" -m venv /autograder/venv
/autograder/venv/bin/python -m pip install --quiet --no-cache-dir --disable-pip-version-check \
  --only-binary :all: --require-hashes -r requirements.txt

# Only root reads the solutions, the data and the course's secret; utils/ is the students' own.
chmod -R go= .
chmod 711 .
chmod -R go=rX utils
chmod 755 run_autograder

PYTHONPATH=$PWD /autograder/venv/bin/python -P -c 'import autograder.gradescope.run'
