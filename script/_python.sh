# Sets PYTHON to a Python that can make a virtual environment, or says what is missing and stops.

PYTHON=
for candidate in python3 python3.13 python3.12 python3.11; do
  if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    PYTHON=$candidate
    break
  fi
done

if [ -z "$PYTHON" ]; then
  echo "Courseplatform needs Python 3.11 or newer, and found none. On Debian and Ubuntu: apt install python3 python3-venv" >&2
  exit 1
fi
if ! "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null; then
  echo "$("$PYTHON" --version) is here, but its venv is not. On Debian and Ubuntu: apt install python3-venv" >&2
  exit 1
fi
