"""Ports and processes: taken ports, stale pid files, reused process numbers."""

import json
import os
import socket
import subprocess
import sys

import pytest

from tools.sandbox import processes, server
from tools.sandbox.console import SandboxError


@pytest.fixture
def taken_port():
    with socket.socket() as listener:
        listener.bind((processes.HOST, 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.fixture
def sleeper():
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    yield process
    process.kill()
    process.wait()


def test_a_taken_port_is_passed_over(taken_port):
    assert not processes.is_free(taken_port)
    picked = processes.pick_port(taken_port)
    assert picked > taken_port
    assert processes.is_free(picked)


def test_ports_given_away_already_are_passed_over():
    first = processes.pick_port(20000)
    assert processes.pick_port(first, taken={first}) > first


def test_no_free_port_is_said_in_a_sentence(monkeypatch):
    monkeypatch.setattr(processes, "is_free", lambda port: False)
    with pytest.raises(SandboxError, match="No port between 8069 and 8268 is free"):
        processes.pick_port(8069)


def test_a_running_process_is_known_and_stopped(tmp_path, sleeper):
    pid_file = processes.PidFile(tmp_path / "server.json")
    pid_file.write(sleeper.pid, port=8069)
    assert pid_file.read()["port"] == 8069
    assert pid_file.stop()
    sleeper.wait(timeout=10)
    assert pid_file.read() == {}
    assert not pid_file.stop()


def test_a_reused_process_number_is_never_hit(tmp_path, sleeper):
    """The file of a killed server names a number which another process has now."""
    path = tmp_path / "server.json"
    path.write_text(json.dumps({"pid": sleeper.pid, "started": "1"}))
    pid_file = processes.PidFile(path)
    assert pid_file.read() == {}
    assert not pid_file.stop()
    assert sleeper.poll() is None
    assert not path.exists()


def test_a_pid_file_cut_in_the_middle_counts_as_none(tmp_path):
    path = tmp_path / "server.json"
    path.write_text('{"pid": 1')
    assert processes.PidFile(path).read() == {}


def test_a_dead_process_has_no_start_time(sleeper):
    assert processes.read_start_time(os.getpid())
    sleeper.kill()
    assert processes.read_start_time(sleeper.pid) is None or sleeper.wait(10)
    assert processes.read_start_time(sleeper.pid) is None


def test_a_served_database_runs_its_scheduled_jobs(monkeypatch):
    """A mass run of many lines waits for them; servers of tests have none."""
    started = []
    monkeypatch.setattr(server.Server, "start", lambda *args: started.append(args[1:]))
    monkeypatch.setattr(server.Server, "stop", lambda self: None)
    monkeypatch.setattr(server.Server, "facts", {})
    server.Server(None, "server").ensure("served")
    assert started == [("served", "--max-cron-threads=1")]
