"""SIGKILL at seeded random moments of whole runs, until they are done; then every byte against an undisturbed making.

    python -m tests.workflow.kills FOLDER --kills 50 --seed 0

A run of Snakemake is killed (Snakemake alone, one job alone, or all of its processes), started again, killed again,
until it ends. Then artifacts of the kinds that have been hit least are deleted and made again under kills. A few
publications that together need every kind of artifact are asked for; with --whole, all. The undisturbed side is made
without Snakemake, in one process, one artifact after the other.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.workflow.undisturbed import ROOT, compare, covering, environment, make_undisturbed
from workflow_scripts.configuration.load import load
from workflow_scripts.planning.studies import make_plan

HERE = Path(__file__).resolve().parent
CONFIGURATIONS = ("tiny.yaml", "local_properties.yaml", "signatures.yaml")
VICTIMS = ("snakemake", "job", "both")
POLL = 0.1
"""Seconds between two looks at a run."""


@dataclass
class Record:
    """What has been killed: (victim, what was under way) of each kill, and how many runs had to be unlocked."""

    kills: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    unlocked: int = 0

    def by_kind(self) -> Counter:
        """Kind of stage → kills while one of it was under way; a kill between jobs counts as 'no job'."""
        return Counter(kind for _, kinds in self.kills for kind in dict.fromkeys(kinds) or ["no job"])

    def by_victim(self) -> Counter:
        return Counter(victim for victim, _ in self.kills)


class Run:
    """Snakemake on one configuration in one folder, in a process group of its own."""

    def __init__(self, folder: Path, configuration: Path, targets: list[str]):
        command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--cores", "2"]
        command += ["--workflow-profile", str(ROOT / "profiles/default"), "--configfile", str(configuration)]
        self.command, self.targets, self.folder = command, ["--", *targets] if targets else [], folder
        self.log = folder / "snakemake.log"
        with self.log.open("w") as stream:
            options = {"cwd": folder, "env": environment(), "stdout": stream, "stderr": subprocess.STDOUT}
            self.process = subprocess.Popen([*command, *self.targets], process_group=0, **options)

    def jobs(self) -> list[tuple[psutil.Process, str]]:
        """The processes that work for this run now, with the kind of artifact that each makes."""
        found = []
        for pid in psutil.pids():
            try:
                if os.getpgid(pid) != self.process.pid:
                    continue
                process = psutil.Process(pid)
                words = process.cmdline()
            except (psutil.Error, ProcessLookupError):
                continue
            if len(words) < 4 or words[1] != "-m":
                continue
            if words[2] == "workflow_scripts.jobs.start":  # the job itself, or what it dies with
                found.append((process, Path(words[3]).parent.name))
            elif words[2] == "workflow_scripts.publication.publish":
                found.append((process, "publish"))
        return found

    def kill(self, victim: str, chance: random.Random) -> tuple[str, tuple[str, ...]] | None:
        """Kill what is chosen; what it was and the kinds that were under way, or None where all had ended before."""
        jobs = self.jobs()
        if self.process.poll() is not None:
            return None
        victim = victim if jobs else "snakemake"
        if victim == "snakemake":
            self.process.kill()
        elif victim == "both":
            os.killpg(self.process.pid, signal.SIGKILL)
        else:
            jobs = [chance.choice(jobs)]
            with suppress(psutil.NoSuchProcess):
                jobs[0][0].kill()
        code = self.process.wait(timeout=600)  # after the death of a job Snakemake ends by itself
        return (victim, tuple(kind for _, kind in jobs)) if code else None

    def ended(self) -> bool:
        """Whether the run has come to its end; AssertionError with what it said where that was an error."""
        code = self.process.poll()
        assert code in (None, 0), self.log.read_text()[-4000:]
        return code == 0

    def was_locked(self) -> bool:
        return self.process.poll() == 1 and "Directory cannot be locked" in self.log.read_text()

    def leave(self) -> None:
        """Wait for jobs that outlived their Snakemake."""
        while self.jobs():
            time.sleep(POLL)


class Killing:
    """A folder in which one configuration is run under kills."""

    def __init__(self, folder: Path, configuration: Path, seed: int, names: list[str] | None = None):
        self.folder, self.configuration, self.plan = folder, configuration, make_plan(load(configuration))
        names = covering(self.plan) if names is None else names
        self.chosen = [publication for publication in self.plan.publications if publication.name in names]
        self.targets = [publication.files()[0] for publication in self.chosen]
        self.chance, self.record = random.Random(seed), Record()
        self._start_up = 5.0
        self._seconds: dict[str, float] = {}
        self._dead: list[Run] = []
        folder.mkdir(parents=True, exist_ok=True)

    def start(self, targets: list[str]) -> Run:
        """Start a run; where one that was killed left Snakemake's lock, remove that first, as its message says."""
        run, clock = Run(self.folder, self.configuration, targets), time.monotonic()
        while run.process.poll() is None and not run.jobs() and "Job stats" not in run.log.read_text():
            time.sleep(POLL)
        if run.was_locked():
            self.record.unlocked += 1
            options = {"cwd": self.folder, "env": environment(), "capture_output": True}
            subprocess.run([*run.command, "--unlock"], check=True, timeout=300, **options)
            return self.start(targets)
        self._start_up = time.monotonic() - clock
        return run

    def finish(self, targets: list[str]) -> None:
        """Run to the end; a run that says that it ended must have made what it was asked for."""
        run = self.start(targets)
        run.process.wait(timeout=3600)
        assert run.ended()
        lacking = [name for name in self._files(targets) if not (self.folder / name).exists()]
        assert not lacking, (lacking, run.log.read_text()[-4000:])

    def _files(self, targets: list[str]) -> list[str]:
        published = {p.files()[0]: p.files() for p in self.chosen}
        return [name for target in targets for name in published.get(target, [target])]

    def kill_at_random(self, kills: int, longest: float) -> None:
        """Run to the end, killed up to `kills` times, each at a random moment.

        The longest wait is `longest` times what Snakemake took to start, so that a slow machine is waited for.
        """
        for _ in range(kills):
            run = self.start(self.targets)
            self._wait(run, self.chance.uniform(0, longest * self._start_up))
            if not self._kill(run):
                assert run.ended()
                break
        self.finish(self.targets)

    def kill_within(self, kind: str) -> None:
        """Delete one artifact of a kind, or one kind of public file, and kill the run that makes it again."""
        if kind == "publish":
            publication = self.chance.choice(self.chosen)
            Path(self.folder, publication.files()[0]).unlink()
            targets, seconds = [publication.files()[0]], 0.5
        else:
            folder = self.chance.choice([f for f in self._seconds if f.startswith(f"{kind}/")])
            shutil.rmtree(self.folder / "results/store" / folder)
            targets, seconds = [f"results/store/{folder}/manifest.json"], 3 + self._seconds[folder]
        run = self.start(targets)
        while run.process.poll() is None and kind not in [k for _, k in run.jobs()]:
            time.sleep(POLL)
        self._wait(run, self.chance.uniform(0, seconds))
        self._kill(run)
        self.finish(targets)

    def _wait(self, run: Run, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and run.process.poll() is None:
            time.sleep(POLL)

    def _kill(self, run: Run) -> bool:
        found = run.kill(self.chance.choice(VICTIMS), self.chance)
        self._dead.append(run)
        if found is not None:
            self.record.kills.append(found)
            print(f"{len(self.record.kills):3} {found[0]:9} {' '.join(found[1]) or 'no job'}", flush=True)
        return found is not None

    def kill(self, kills: int, longest: float = 4) -> Record:
        """The whole of it: `kills` kills, and at the end a finished run."""
        self.kill_at_random(max(1, kills // 2), longest)
        manifests = self.folder.glob("results/store/[!.]*/*/manifest.json")
        for path in sorted(manifests):
            self._seconds[f"{path.parts[-3]}/{path.parts[-2]}"] = json.loads(path.read_text())["run"]["seconds"]
        kinds = sorted({folder.partition("/")[0] for folder in self._seconds} | {"publish"})
        attempts = 0
        while len(self.record.kills) < kills:
            attempts += 1
            assert attempts < 10 * kills, "the runs end before they can be killed"
            hit = self.record.by_kind()
            self.kill_within(min(kinds, key=lambda kind: (hit[kind], self.chance.random())))
        self.finish(self.targets)
        for run in self._dead:
            run.leave()
        return self.record


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.workflow.kills", description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path, help="a folder to work in, kept afterwards")
    parser.add_argument("--kills", type=int, default=50, help="kills over all configurations (default: 50)")
    parser.add_argument("--seed", type=int, default=0, help="of the random moments and victims")
    parser.add_argument("--configurations", nargs="+", default=CONFIGURATIONS, help="files beside this module")
    parser.add_argument("--whole", action="store_true", help="every table and figure")
    options = parser.parse_args()
    total, started = Record(), time.monotonic()
    for index, name in enumerate(options.configurations):
        parts = len(options.configurations)
        kills = options.kills * (index + 1) // parts - options.kills * index // parts
        folders = [(options.folder / f"{name}-{side}").resolve() for side in ("undisturbed", "killed")]
        undisturbed = folders[0]
        names = [p.name for p in make_plan(load(HERE / name)).publications] if options.whole else None
        killing = Killing(folders[1], HERE / name, options.seed + index, names)
        make_undisturbed(undisturbed, HERE / name, [p.recipe.folder for p in killing.chosen])
        record = killing.kill(kills)
        same = compare(killing.folder, killing.plan, killing.chosen, undisturbed)
        print(f"{name}: {len(record.kills)} kills, the same bytes: {same}", flush=True)
        total = Record(total.kills + record.kills, total.unlocked + record.unlocked)
    print(f"{len(total.kills)} kills, all survived, in {time.monotonic() - started:.0f} s; {total.unlocked} unlocked")
    for title, counts in (("killed", total.by_victim()), ("under way", total.by_kind())):
        print(f"{title}: {', '.join(f'{name} {count}' for name, count in counts.most_common())}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
