"""A process that imports the libraries once and forks for each job of a run.

python -m workflow_scripts.jobs.fork_server DESCRIPTOR FOLDER    serves until its standard input is closed

Started by a run that computes on this machine (`running`), and asked by `workflow_scripts.jobs.start`. It imports what
other people wrote and nothing of the project, so that a job's code is always what lies on disk when the job begins. A
job has its own process group, the standard streams, environment and working folder of the process that asked for it,
and dies with that process: the kernel kills it when the other end of a pipe closes. Needs Linux; elsewhere every job
imports the libraries itself.
"""

from __future__ import annotations

import fcntl
import gc
import importlib
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from workflow_scripts.jobs.start import SOCKET

LIBRARIES = (
    "numpy",
    "torch",
    "scipy.stats",
    "h5py",
    "safetensors.torch",
    "gpytorch",
    "pandas",
    "matplotlib.backends.backend_agg",
    "matplotlib.figure",
    "sklearn.metrics",
    "threadpoolctl",
    "tqdm",
)
"""What most jobs import. None of them starts a thread when it is imported, but for OpenBLAS, which is told not to.

Numba is left out, as it fixes its number of threads.
"""
CHECKOUT = Path(__file__).resolve().parents[2]
POSSIBLE = hasattr(fcntl, "F_SETSIG")


@contextmanager
def running(checkout: Path = CHECKOUT) -> Iterator[None]:
    """A server for the jobs that are started within the block, where the system allows one; it imports meanwhile.

    checkout: the folder whose code the jobs run.
    """
    if not POSSIBLE:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="jobs-", ignore_cleanup_errors=True) as folder:
        place = str(Path(folder) / "socket")
        paths = os.pathsep.join(filter(None, [str(checkout), os.environ.get("PYTHONPATH")]))
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": paths}
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
            listening.bind(place)
            listening.listen(128)
            server = subprocess.Popen(
                [sys.executable, "-m", "workflow_scripts.jobs.fork_server", str(listening.fileno()), folder],
                stdin=subprocess.PIPE,
                env=environment,
                pass_fds=[listening.fileno()],
                start_new_session=True,  # an interrupt from the terminal is the jobs' to handle
            )
        os.environ[SOCKET] = place
        try:
            yield
        finally:
            del os.environ[SOCKET]
            server.stdin.close()
            server.wait()


class Server:
    """Accepts jobs at a listening socket, forks for each, and answers with the process and then with its status."""

    def __init__(self, listening: socket.socket):
        self.listening = listening
        self.asked: dict[int, socket.socket] = {}
        """The connection that asked for each job, by the job's process."""

    def serve(self) -> None:
        """Until standard input is closed, and then until the jobs that have begun are done."""
        woken, wake = os.pipe()
        for end in (woken, wake):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        watched = [0, self.listening, woken]
        while self.listening in watched or self.asked:
            ready, _, _ = select.select(watched, [], [])
            if 0 in ready:  # closed: nothing is ever written to it
                watched = [woken]
                self.listening.close()
            if woken in ready:
                os.read(woken, 4096)
                self.answer_finished()
            if self.listening in ready and self.listening in watched:
                connection, _ = self.listening.accept()
                with suppress(OSError, ValueError):  # whoever asked is gone
                    self.begin(connection)

    def begin(self, connection: socket.socket) -> None:
        """Fork for the job that a connection asks for."""
        request, descriptors = receive(connection)
        job = os.fork()
        if not job:
            self.listening.close()
            os._exit(work(connection, request, descriptors))
        for descriptor in descriptors:
            os.close(descriptor)
        self.asked[job] = connection
        connection.sendall(f"{job}\n".encode())

    def answer_finished(self) -> None:
        """Say how every job ended that did."""
        while True:
            try:
                job, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not job:
                return
            connection = self.asked.pop(job)
            with suppress(OSError):
                connection.sendall(f"{status}\n".encode())
            connection.close()


def receive(connection: socket.socket) -> tuple[dict, list[int]]:
    """A job's words, folder and environment, and four descriptors: standard streams and the pipe that it dies with."""
    connection.settimeout(60)
    size, descriptors, _, _ = socket.recv_fds(connection, 8, 4)
    content = bytearray()
    while len(content) < int.from_bytes(size, "big"):
        part = connection.recv(1 << 16)
        if not part:
            raise ConnectionError("the request ends early")
        content += part
    return json.loads(content), descriptors


def work(connection: socket.socket, request: dict, descriptors: list[int]) -> int:
    """In the fork: become the job that was asked for, and do it; its exit status."""
    try:
        os.setpgid(0, 0)
        *streams, alive = descriptors
        die_with(alive)
        connection.close()
        for number, descriptor in enumerate(streams):
            os.dup2(descriptor, number)
            os.close(descriptor)
        sys.stdin, sys.stdout = os.fdopen(0, closefd=False), os.fdopen(1, "w", closefd=False)
        sys.stderr = os.fdopen(2, "w", buffering=1, errors="backslashreplace", closefd=False)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.environ.clear()
        os.environ.update(request["environment"])
        os.chdir(request["folder"])
        from workflow_scripts.jobs.realise import run

        status = run(request["words"])
    except SystemExit as exit_:
        status = exit_.code if isinstance(exit_.code, int) else 1
    except BaseException:
        traceback.print_exc()
        status = 1
    with suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    return status


def die_with(alive: int) -> None:
    """Be killed by the kernel when the other end of the pipe `alive` closes, or at once where it is closed already."""
    os.set_inheritable(alive, False)
    fcntl.fcntl(alive, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(alive, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(alive, fcntl.F_SETFL, fcntl.fcntl(alive, fcntl.F_GETFL) | os.O_ASYNC)
    if select.select([alive], [], [], 0)[0]:
        os.kill(os.getpid(), signal.SIGKILL)


def main(words: list[str]) -> int:
    """Import the libraries, serve at the listening socket that was inherited, and take its folder away in the end."""
    listening = socket.socket(fileno=int(words[0]))
    gc.disable()
    for name in LIBRARIES:
        with suppress(ImportError):  # an optional one
            importlib.import_module(name)
    gc.freeze()
    Server(listening).serve()
    shutil.rmtree(words[1], ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
