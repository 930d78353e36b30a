"""Whatever dies, nothing is left running, nothing that was committed is lost, and the next command works."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from services.common.stores.account import remove_orphans

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="these tests look at processes through /proc")


def commit(url: str, value: int) -> None:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (id int)")
        connection.execute("INSERT INTO kept VALUES (%s)", (value,))


def committed(url: str) -> set[int]:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        return {row[0] for row in connection.execute("SELECT id FROM kept")}


def test_the_last_holder_takes_the_stores_along_even_by_kill_9(settled: Path, tools) -> None:
    with tools.holding(settled, 2) as (one, two):
        one.kill()
        time.sleep(0.6)  # more than two ticks of the supervisor
        assert all(tools.is_alive(pid) for pid in two.held["pids"].values())
        two.kill()
        tools.until(lambda: not tools.everything(settled))
    log = (settled / "stores/postgres.log").read_text().splitlines()
    assert log[-1].endswith("database system is shut down")


def test_the_supervisor_s_death_is_the_stores_death(settled: Path, tools) -> None:
    with tools.holding(settled) as holder:
        commit(holder.held["reminders_database_url"], 1)
        os.kill(tools.supervisors(settled)[0], signal.SIGKILL)
        tools.until(lambda: not any(map(tools.is_alive, holder.held["pids"].values())))


def test_a_command_after_the_supervisor_s_death_starts_a_new_one(settled: Path, tools) -> None:
    with tools.holding(settled) as old:
        commit(old.held["reminders_database_url"], 2)
        os.kill(tools.supervisors(settled)[0], signal.SIGKILL)
        with tools.holding(settled) as new:
            assert not set(old.held["pids"].values()) & set(new.held["pids"].values())
            assert 2 in committed(old.held["reminders_database_url"])  # the old holder's URL works again
            assert len(tools.supervisors(settled)) == 1


def test_what_hangs_after_its_supervisor_s_death_is_killed(settled: Path, tools) -> None:
    with tools.holding(settled) as old:
        commit(old.held["reminders_database_url"], 3)
        for pid in old.held["pids"].values():
            os.kill(pid, signal.SIGSTOP)
        os.kill(tools.supervisors(settled)[0], signal.SIGKILL)
        with tools.holding(settled) as new:
            assert 3 in committed(new.held["reminders_database_url"])
            assert not any(map(tools.is_alive, old.held["pids"].values()))


def test_everything_killed_at_once(settled: Path, tools) -> None:
    with tools.holding(settled) as holder:
        commit(holder.held["reminders_database_url"], 4)
        holder.kill()
        for pid in tools.everything(settled):
            os.kill(pid, signal.SIGKILL)
    # A number in postmaster.pid that another process has by now must not stop the start.
    with tools.holding(settled) as holder:
        assert 4 in committed(holder.held["reminders_database_url"])


def test_a_stale_process_number_that_lives_again(settled: Path, tools) -> None:
    with tools.holding(settled) as holder:
        cluster = tools.cluster(settled)
        pid_file = (cluster / "postmaster.pid").read_text()
        holder.release()
        tools.until(lambda: not tools.everything(settled))
    # As if PostgreSQL had been killed and its number were a living process of the same user by now.
    owner = cluster.stat()
    demoted = {"user": owner.st_uid, "group": owner.st_gid} if os.geteuid() == 0 else {}
    with subprocess.Popen(["/bin/sleep", "60"], cwd="/", **demoted) as other:
        lines = [str(other.pid), *pid_file.splitlines()[1:]]
        (cluster / "postmaster.pid").write_text("\n".join(lines) + "\n")
        with tools.holding(settled) as holder:
            assert committed(holder.held["reminders_database_url"])
        other.kill()


@pytest.mark.parametrize("store", ["postgres", "valkey"])
def test_a_killed_store_is_started_again(settled: Path, tools, store: str) -> None:
    with tools.holding(settled) as old:
        commit(old.held["reminders_database_url"], 5)
        os.kill(old.held["pids"][store], signal.SIGKILL)
        with tools.holding(settled) as new:
            assert 5 in committed(new.held["reminders_database_url"])
            assert new.held["pids"][store] != old.held["pids"][store]
            other = ({"postgres", "valkey"} - {store}).pop()
            assert new.held["pids"][other] == old.held["pids"][other]


def test_a_killed_starter_leaves_nothing(settled: Path, tools) -> None:
    with tools.Holder(settled):
        tools.until(lambda: tools.supervisors(settled))
    tools.until(lambda: not tools.everything(settled))


def test_a_start_killed_in_the_middle_is_made_good(fresh, tools) -> None:
    data_dir = fresh()
    with tools.Holder(data_dir, stderr=subprocess.DEVNULL):
        tools.until(lambda: tools.cluster(data_dir).with_name("cluster.new").exists())
        os.kill(tools.supervisors(data_dir)[0], signal.SIGKILL)
        with tools.holding(data_dir) as second:
            assert set(second.held["pids"]) == {"postgres", "valkey"}


def test_a_program_run_by_a_holder_does_not_hold(settled: Path, tools) -> None:
    script = tools.HOLDER.replace(
        "    sys.stdin.read()",
        "    import subprocess; subprocess.Popen(['sleep', '30.0123'], close_fds=False); sys.stdin.read()",
    )
    with tools.holding(settled, script=script, stderr=subprocess.DEVNULL) as holder:
        child = next(iter(tools.until(lambda: tools.running("sleep 30.0123 "))))
        try:
            holder.process.kill()
            tools.until(lambda: not tools.everything(settled))
            assert tools.is_alive(child)
        finally:
            os.kill(child, signal.SIGKILL)


def test_a_terminal_s_signals_do_not_reach_the_stores(settled: Path, tools) -> None:
    """Ctrl-C and a closed terminal end commands; SIGTERM ends the supervisor, and it stops the stores cleanly."""
    with tools.holding(settled, start_new_session=True) as holder, tools.holding(settled) as other:
        supervisor = tools.supervisors(settled)[0]
        assert os.getsid(supervisor) not in {os.getsid(holder.process.pid), os.getsid(0)}
        assert os.getpgid(supervisor) != os.getpgid(holder.process.pid)
        for number in (signal.SIGINT, signal.SIGHUP):
            os.kill(supervisor, number)
        time.sleep(0.3)
        assert all(map(tools.is_alive, other.held["pids"].values()))
        os.kill(supervisor, signal.SIGTERM)
        tools.until(lambda: not tools.everything(settled))
    assert (settled / "stores/postgres.log").read_text().rstrip().endswith("database system is shut down")


def test_the_starter_s_pipes_close_when_it_ends(settled: Path, tools) -> None:
    with tools.Holder(settled, stderr=subprocess.PIPE) as starter:
        starter.stores()
        with tools.holding(settled):
            began = time.monotonic()
            starter.release()  # reads both pipes to their end: a supervisor that kept one would hang this
            assert time.monotonic() - began < 5


def test_a_folder_deleted_under_running_stores(fresh, tools) -> None:
    data_dir = fresh()
    with tools.holding(data_dir) as old:
        place = tools.cluster(data_dir).parent
        assert place.exists()
        tools.until(lambda: shutil.rmtree(data_dir, ignore_errors=True) or not data_dir.exists())
        with tools.holding(data_dir) as new:
            assert new.held["redis_url"] != old.held["redis_url"]
            tools.until(lambda: not any(map(tools.is_alive, old.held["pids"].values())))
            if tools.cluster(data_dir).parent != place:  # root's cluster was elsewhere, and is an orphan now
                tools.until(
                    lambda: remove_orphans() or not place.exists()
                )  # its supervisor is the last to go
        assert all(map(tools.is_alive, new.held["pids"].values()))


def test_a_store_that_keeps_dying_is_given_up(settled: Path, tools) -> None:
    from services.common.stores import supervisor

    with tools.holding(settled) as holder:
        pid = holder.held["pids"]["valkey"]
        for _ in range(supervisor.RESTARTS):
            os.kill(pid, signal.SIGKILL)
            tools.until(lambda dead=pid: tools.announced(settled)["valkey"] != dead)
            pid = tools.announced(settled)["valkey"]
        os.kill(pid, signal.SIGKILL)
        tools.until(lambda: not tools.everything(settled))
    assert "died 5 times in a minute" in (settled / "stores/failure.txt").read_text()
