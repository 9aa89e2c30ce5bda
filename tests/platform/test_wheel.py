"""A wheel built from the tree is the whole program: templates, static files, SQL and translations inside."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.platform.installation import Installation, get

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
NOT_SHIPPED = {".pyc", ".pyo"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    line = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    built = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path) -> Iterator[Installation]:
    """The wheel in an environment of its own; the packages it needs are borrowed from ours, offline."""
    folder = Path(tempfile.mkdtemp(prefix="hc-"))
    folder.chmod(0o711)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True)
    python = folder / "venv" / "bin" / "python"
    line = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(python),
        "install",
        "-q",
        "--no-index",
        "--no-deps",
        str(wheel),
    ]
    subprocess.run(line, check=True, stdin=subprocess.DEVNULL)
    site = next((folder / "venv" / "lib").glob("python*")) / "site-packages"
    # A folder named in a .pth file is searched, but its own .pth files (of our checkout) are not read.
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    (folder / "home").mkdir()
    yield Installation(folder / "home", python=str(python), PYTHONPATH="")
    shutil.rmtree(folder)


def test_every_file_of_the_package_is_in_it(wheel: Path) -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "src/huichang"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\n")
    expected = {name.removeprefix("src/") for name in tracked if name and (ROOT / name).exists()}

    packed = set(zipfile.ZipFile(wheel).namelist())

    assert expected
    assert expected <= packed, sorted(expected - packed)
    for kind in (".sql", ".html", ".css", ".js", ".svg", ".mo"):
        assert any(name.endswith(kind) for name in packed), f"no {kind}"


def test_it_installs_and_runs(installed: Installation) -> None:
    where = subprocess.run(
        [installed.python, "-c", "import huichang; print(huichang.__file__)"],
        env=installed.environment, cwd=installed.home, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert str(installed.home.parent / "venv") in where.stdout

    with installed.run("--empty") as running:
        status, page = get(running.address, "sign-in")
        assert status == 200
        assert b"csrfmiddlewaretoken" in page
        assert get(running.address, "static/ui/css/tokens.css")[0] == 200
        assert running.ask_to_stop() == 0
    examined = installed.command("doctor")
    assert examined.returncode == 0, examined.stdout
