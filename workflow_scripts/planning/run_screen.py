"""What a run shows while it works: one bar in a terminal, one line per finished job elsewhere, one reason per failure.

Snakemake's own text stays in its log below `.snakemake/log`, and on the screen with `--printshellcmds` or `--verbose`.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from snakemake_interface_logger_plugins.common import LogEvent
from tqdm import tqdm

_UNSHOWN = (
    "--keep-incomplete mode is set",
    "Assuming unrestricted shared filesystem",
    "Building DAG of jobs",
    "Cannot restore",  # of what was never there: manifests are written once
    "Conda environments: ignored",
    "Elapsed time",
    "Exiting because a job execution failed",
    "Group jobs: inactive",
    "Reasons:",
    "Select jobs to execute",
    "Shutting down, this might take some time",
    "Singularity containers: ignored",
    "Using shell",
)
"""Beginnings of messages that tell a user of this workflow nothing."""
_EVENTS = (
    LogEvent.WORKFLOW_STARTED,
    LogEvent.RESOURCES_INFO,
    LogEvent.PROGRESS,
    LogEvent.SHELLCMD,
    LogEvent.JOB_STARTED,
    LogEvent.GROUP_INFO,
    LogEvent.GROUP_ERROR,  # each of its jobs is said to have failed
    LogEvent.RULEGRAPH,
)
_FORMAT = "{desc} {n_fmt}/{total_fmt} jobs |{bar}| {elapsed}, {remaining} to go"


@dataclass
class Started:
    """A job under way: its rule and artifact or publication, and when it began."""

    name: str
    rule: str
    clock: float


class RunScreen(logging.Formatter):
    """Formatter and filter of Snakemake's handler for the screen."""

    def __init__(self, *, terminal: bool, dry_run: bool):
        super().__init__()
        self.terminal, self.dry_run = terminal, dry_run
        self.bar: tqdm | None = None
        self.running: dict[int, Started] = {}
        self.total = self.done = 0
        self.last = ""
        self.started = time.monotonic()
        self.title: Callable[[str, str], str] | None = None
        """What the job of a kind's artifact does, in words of the configuration; set once the run is planned."""
        self._lock = threading.RLock()

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep count of the jobs; whether the record is shown."""
        event, text = getattr(record, "event", None), str(record.msg or "")
        with self._lock:
            if event == LogEvent.JOB_INFO:
                name = self._name(record.rule_name, record.wildcards or {})
                self.running[record.jobid] = Started(name, record.rule_name, time.monotonic())
                self._draw()
                return self.dry_run
            if event == LogEvent.RUN_INFO:
                again = bool(self.total)
                self.total = record.stats["total"]
                return not again
            if event == LogEvent.JOB_FINISHED:
                self.done += 1
                if self.terminal:
                    self.running.pop(record.job_id, None)
                    self._draw()
                return not self.terminal
            if event == LogEvent.ERROR and "CalledProcessError" in text:
                return False  # that a job's command failed is said with its reason
            again, self.last = text == self.last, text
            return event not in _EVENTS and bool(text) and not again and not text.startswith(_UNSHOWN)

    def format(self, record: logging.LogRecord) -> str:
        """The text of a record that is shown."""
        event = getattr(record, "event", None)
        with self._lock:
            if self.bar is not None:
                self.bar.clear()
            if event == LogEvent.JOB_INFO:
                return self.running[record.jobid].name
            if event == LogEvent.JOB_FINISHED:
                job = self.running.pop(record.job_id)
                took = duration(time.monotonic() - job.clock)
                return f"[{self.done:{len(str(self.total))}}/{self.total}] {job.name} ({took})"
            if event == LogEvent.JOB_ERROR:
                job = self.running.pop(record.jobid, None)
                self._draw()
                name = record.rule_name if job is None else job.name
                return failure(name, list(record.log), record.rule_msg)
            return str(record.msg).strip("\n")

    def end(self, lines: list[str]) -> None:
        """Take the bar away and say how many jobs the run did, how long it took, and further `lines`."""
        with self._lock:
            if self.bar is not None:
                self.bar.close()
                self.bar, self.terminal = None, False
        took = duration(time.monotonic() - self.started)
        print("\n".join([f"{self.done} of {self.total} jobs done in {took}", *lines]), file=sys.stderr, flush=True)

    def _name(self, rule: str, wildcards: dict) -> str:
        """A job's rule and artifact or publication, and what it does."""
        name = f"{rule} {shown(wildcards)}".strip()
        if self.title is None or "artifact" not in wildcards or rule in ("table", "figure"):
            return name
        return f"{name}: {self.title(rule, wildcards['artifact'])}"

    def _draw(self) -> None:
        if not self.terminal or self.dry_run or not self.total:
            return
        if self.bar is None:
            self.bar = tqdm(total=self.total, bar_format=_FORMAT, leave=False, dynamic_ncols=True)
        rules = Counter(job.rule for job in self.running.values())
        self.bar.set_description_str(", ".join(f"{n} {rule}" for rule, n in sorted(rules.items())), refresh=False)
        self.bar.n = self.done
        self.bar.refresh()


def shown(wildcards: dict) -> str:
    """An artifact's name, or a publication's study and name."""
    return "/".join(map(str, wildcards.values()))


def duration(seconds: float) -> str:
    """`3 s`, `4 min 5 s`, `2 h 3 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def failure(name: str, logs: list[str], message: str | None) -> str:
    """What failed, why, and where more is said; `logs` are the job's own and the scheduler's."""
    reasons = [reason for log in logs if (reason := reason_in(Path(log.partition(" (")[0])))]
    reason = next(iter(reasons), None) or message or "its log does not say why"
    return "\n".join([f"failed: {name}: {' '.join(reason.split())}", *(f"  log: {log}" for log in logs)])


def reason_in(log: Path) -> str | None:
    """The last line of a job's log that begins with `error: `, without that; None where there is none."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    return next((line.removeprefix("error: ") for line in reversed(lines) if line.startswith("error: ")), None)


def show_run(settings) -> RunScreen | None:
    """Have Snakemake's handler for the screen show a run in this way; None where another one was asked for.

    `settings` are Snakemake's settings of its output.
    """
    if settings.printshellcmds or settings.verbose or settings.debug_dag or settings.quiet:
        return None
    for handler in logging.getLogger("snakemake.logging").handlers:
        if handler.name == "DefaultStreamHandler":
            screen = RunScreen(terminal=handler.stream.isatty(), dry_run=settings.dryrun)
            handler.addFilter(screen.filter)
            handler.setFormatter(screen)
            return screen
    return None
