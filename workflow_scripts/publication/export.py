"""One archive of every published table and figure with its provenance, for a paper's supplement.

python -m workflow_scripts.publication.export results/export/<name>.zip results/published/tables/<study>/<name>.json …
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import zipfile
from pathlib import Path

FIXED_DATE = (1980, 1, 1, 0, 0, 0)


class ChangedFile(RuntimeError):
    """A public file that is not the one that was published; the message says what to do."""


def export(archive: Path, records: list[Path]) -> int:
    """Write the files that the records name; the same files give the same bytes. Returns the number of files.

    ChangedFile where a file is no longer what its record says.
    """
    files = {name: digest for record in records for name, digest in json.loads(record.read_text())["files"].items()}
    archive.parent.mkdir(parents=True, exist_ok=True)
    temporary = archive.with_name(f".{archive.name}.{os.getpid()}")
    try:
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as stream:
            for name, digest in sorted(files.items()):
                content = Path(name).read_bytes()
                if hashlib.sha256(content).hexdigest() != digest:
                    raise ChangedFile(f"{name}: changed since it was published: run snakemake export again")
                entry = zipfile.ZipInfo(Path(name).relative_to("results").as_posix(), FIXED_DATE)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                stream.writestr(entry, content)
        os.replace(temporary, archive)
    finally:
        temporary.unlink(missing_ok=True)
    return len(files)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m workflow_scripts.publication.export", description=__doc__.split("\n")[0]
    )
    parser.add_argument("archive", type=Path)
    parser.add_argument("records", type=Path, nargs="+")
    options = parser.parse_args()
    try:
        count = export(options.archive, options.records)
    except ChangedFile as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        where = error.filename or options.archive
        print(f"error: {where}: {error.strerror or error}: fix that, then run snakemake export again", file=sys.stderr)
        return 1
    print(f"{options.archive}: {count} files")
    return 0


if __name__ == "__main__":
    sys.exit(main())
