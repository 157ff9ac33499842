"""The plans that were run against a store, remembered by the artifacts that they need.

`<store>/.plans/<digest>.json` names artifacts and no configuration keys, so that a later version of the schema can
still read it. What a remembered plan needs is kept by `gc` until the plan is forgotten on purpose.
"""

from __future__ import annotations

import errno
import fcntl
import getpass
import hashlib
import json
import os
import platform
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from workflow_scripts.recipes.recipe import SHORT
from workflow_scripts.store.lookup import StoreError

FOLDER = ".plans"
_NO_LOCKS = (errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL)


@dataclass(frozen=True)
class RememberedPlan:
    """One plan: `artifacts` are folders of the store; configuration, values, checkout, host and time tell which it was.

    time: of its last run, in ISO 8601 and UTC.
    """

    digest: str
    artifacts: frozenset[str]
    configuration: str
    values: dict
    checkout: str
    host: str
    time: str

    def __str__(self) -> str:
        values = "".join(f" {key}={json.dumps(value)}" for key, value in self.values.items())
        where = f"{self.host}:{self.checkout}"
        return f"{self.digest}  {self.configuration}{values and f' --config{values}'}  ({self.time[:16]}, {where})"


def remember_plan(store: Path, artifacts: Iterable[str], configuration: Path, values: Mapping[str, object]) -> None:
    """Write down which artifacts (`<kind>/<label>--<digest>`) a run needs; OSError where the store cannot be written.

    Waits for a garbage collection that is under way, so that what is seen of the store afterwards stays.
    """
    folders = sorted(artifacts)
    digest = hashlib.sha256("\n".join([*folders, str(configuration.absolute())]).encode()).hexdigest()[:SHORT]
    content = {
        "configuration": str(configuration.absolute()),
        "values": dict(values),
        "checkout": os.getcwd(),
        "host": platform.node(),
        "user": getpass.getuser(),
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "artifacts": folders,
    }
    path = store / FOLDER / f"{digest}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(json.dumps(content, indent=1, default=str))
    with plans_lock(store):
        os.replace(temporary, path)


def remembered_plans(store: Path) -> list[RememberedPlan]:
    """Every remembered plan, the latest first; StoreError where one cannot be read, as then nothing may be removed."""
    found = []
    for path in sorted((store / FOLDER).glob("[!.]*")):
        try:
            content = json.loads(path.read_bytes())
            artifacts = content["artifacts"]
            if not isinstance(artifacts, list) or not all(isinstance(each, str) and "/" in each for each in artifacts):
                raise ValueError("artifacts is not a list of folders")
            texts = (str(content[key]) for key in ("checkout", "host", "time"))
            found.append(
                RememberedPlan(
                    path.stem, frozenset(artifacts), str(content["configuration"]), dict(content["values"]), *texts
                )
            )
        except FileNotFoundError:
            continue
        except (OSError, ValueError, KeyError, TypeError) as error:
            reason = " ".join(str(error).split())
            raise StoreError(
                f"{path}: a remembered plan that cannot be read ({reason}), so that everything is kept: restore it, or "
                f"give up what it needs by: python -m workflow_scripts.store forget {path.stem}"
            ) from error
    return sorted(found, key=lambda plan: plan.time, reverse=True)


def forget(store: Path, text: str) -> Path:
    """Forget the plan whose digest begins with `text`, readable or not; StoreError where none or several do."""
    found = [path for path in sorted((store / FOLDER).glob("[!.]*")) if path.stem.startswith(text)]
    if not found or not text:
        raise StoreError(
            f"{text}: no such plan: python -m workflow_scripts.store plans shows those that are remembered"
        )
    if len(found) > 1:
        raise StoreError(f"{text}: ambiguous, matches {', '.join(path.stem for path in found)}: use a longer prefix")
    found[0].unlink()
    return found[0]


def nearest_plan(
    plans: Iterable[RememberedPlan], artifacts: Iterable[str], configuration: Path | None
) -> RememberedPlan | None:
    """The earlier run that a plan is compared with: the latest other one of the same configuration file, or else the
    one that shares most artifacts with it, at least half of them; None where no run is near.
    """
    needed = frozenset(artifacts)
    others = [plan for plan in plans if plan.artifacts != needed]
    name = None if configuration is None else str(configuration.absolute())
    same = [plan for plan in others if plan.configuration == name]
    if same:
        return max(same, key=lambda plan: plan.time)
    near = max(others, key=lambda plan: len(plan.artifacts & needed), default=None)
    return near if near is not None and 2 * len(near.artifacts & needed) >= len(needed) else None


@contextmanager
def plans_lock(store: Path) -> Iterator[None]:
    """Hold the memory of plans; on a file system without locks nothing is held."""
    path = store / FOLDER / ".lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX)
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise
        yield
