# Sourced by ./run and ./test. `prepare LOCK` leaves the interpreter of an up-to-date environment in $python:
# private to the checkout, exactly the locked packages, nothing else on the machine touched.

base_python() {
    for candidate in "${PYTHON:-}" python3.11 python3.12 python3.13 python3.14 python3 python; do
        [ -n "$candidate" ] || continue
        "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
        printf '%s\n' "$candidate"
        return 0
    done
    echo "huichang: Python 3.11 or later with venv is needed (Debian: apt install python3 python3-venv)" >&2
    return 1
}

# Whether the environment holds what this lock file says.
is_current() {
    [ "$(cat "$venv/.$1" 2>/dev/null)" = "$(cksum <"$root/$1")" ] && "$python" -c '' 2>/dev/null
}

prepare() {
    venv=${HUICHANG_VENV:-$root/.venv}
    python=$venv/bin/python
    # The development lock contains the other one: an environment made for ./test also serves ./run.
    if is_current "$1" || is_current requirements-dev.lock; then return 0; fi
    base=$(base_python)
    echo "huichang: preparing $venv from $1 (only now and when the lock file changes) ..." >&2
    "$python" -c '' 2>/dev/null || "$base" -m venv --clear "$venv"
    "$python" -m pip --version >/dev/null 2>&1 || "$python" -m ensurepip >/dev/null
    "$python" -m pip install --quiet --disable-pip-version-check --no-input \
        --require-hashes --only-binary :all: -r "$root/$1" </dev/null >&2
    # The package itself needs no build: a path file, and the command.
    site=$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
    printf '%s\n' "$root/src" >"$site/huichang-checkout.pth"
    printf '#!/bin/sh\nexec "%s" -m huichang.interfaces.console.main "$@"\n' "$python" >"$venv/bin/huichang"
    chmod +x "$venv/bin/huichang"
    rm -f "$venv"/.requirements*.lock
    cksum <"$root/$1" >"$venv/.$1"
}
