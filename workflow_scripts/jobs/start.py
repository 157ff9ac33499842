"""Start a job: in a fork of a process that has imported the libraries already, where there is one, else in this one.

python -m workflow_scripts.jobs.start RECIPE …    the words of workflow_scripts.jobs.realise

Importing PyTorch, SciPy, pandas and matplotlib takes a job longer than most jobs' own work. A run on this machine
therefore has a process that does it once (`fork_server`), whose socket the environment names; this process sends it the
job's words, environment and standard streams, and waits. It ends as the job does: with its exit status, or by its
signal. Interrupts are passed on, and the job is killed when this process dies, however it dies.

Imports nothing but the standard library.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from contextlib import suppress

SOCKET = "ADVERSARIAL_DISSECTION_FORK_SERVER"
"""The environment variable that names the server's socket."""
PASSED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main(words: list[str]) -> int:
    """Run the job; its exit status."""
    place = os.environ.get(SOCKET)
    if place:
        # Without a server, or with one that ends just now, the job is done here.
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.connect(place)
            return forked(connection, words)
    from workflow_scripts.jobs.realise import run

    return run(words)


def forked(connection: socket.socket, words: list[str]) -> int:
    """Have the server do the job; OSError where it cannot, before the job has begun."""
    alive, hold = os.pipe()  # the job is killed when the writing end closes, which is when this process dies
    request = json.dumps({"words": words, "folder": os.getcwd(), "environment": dict(os.environ)}).encode()
    socket.send_fds(connection, [len(request).to_bytes(8, "big")], [0, 1, 2, alive])
    os.close(alive)
    connection.sendall(request)
    with connection.makefile("rb") as answers:
        job = answers.readline()
        if not job:
            raise ConnectionError("the server ended before it began the job")
        for number in PASSED_ON:
            signal.signal(number, lambda number, _frame: _send(int(job), number))
        status = b""
        with suppress(OSError):
            status = answers.readline()
    os.close(hold)
    if not status:  # the server was killed; closing the pipe killed the job
        print("error: the process that runs the jobs was killed: run snakemake again", file=sys.stderr)
        return 1
    if os.WIFSIGNALED(int(status)):
        number = os.WTERMSIG(int(status))
        with suppress(OSError):
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    return os.waitstatus_to_exitcode(int(status))


def _send(job: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(job, number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
