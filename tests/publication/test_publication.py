"""Publication: public files are the planned artifact's, whatever was killed, edited or planned before."""

import json
import os
import shutil
import time
import zipfile
from pathlib import Path

import pytest

from workflow_scripts.publication import publish as module
from workflow_scripts.publication.export import ChangedFile, export
from workflow_scripts.publication.publish import publish
from workflow_scripts.publication.records import PAGE, Publication, is_current, record_path, request
from workflow_scripts.recipes.recipe import Recipe
from workflow_scripts.store.artifact import ArtifactError

RESULTS, STORE = Path("results"), Path("results/store")
SUFFIXES = ("html", "csv", "tex", "md")


def planned(value: str, name: str = "table_2") -> Publication:
    parameters = {"name": name, "study": "information_flow", "caption": "A table.", "value": value}
    recipe = Recipe("table", f"information_flow-{name}", parameters, (), {"m": "0" * 16}, "1")
    return Publication("information_flow", name, "A table.", recipe)


@pytest.fixture
def made(put):
    """A finished table artifact of a value, and its publish."""

    def run(value: str, name: str = "table_2"):
        wanted = planned(value, name)
        return wanted, put(wanted.recipe, {f"{name}.{suffix}": f"{value} {suffix}".encode() for suffix in SUFFIXES})

    return run


def snakemake(wanted: Publication, artifact) -> bool:
    """What a run does: ask for a copy where the public files are not the wanted ones, and publish."""
    if is_current(RESULTS, wanted, STORE):
        return False
    request(RESULTS, wanted)
    publish(record_path(RESULTS, wanted), artifact.path, RESULTS)
    return True


def shown(wanted: Publication) -> list[str]:
    return [Path(name).read_text() for name in wanted.files()]


def test_published_files_are_the_artifacts(made):
    wanted, artifact = made("old")
    assert snakemake(wanted, artifact) and shown(wanted) == [f"old {suffix}" for suffix in SUFFIXES]
    assert not snakemake(wanted, artifact)
    provenance = json.loads(Path("results/tables/information_flow/table_2.provenance.json").read_text())
    assert provenance["digest"] == wanted.recipe.digest
    names = {path.name for path in Path("results/tables/information_flow").iterdir()}
    assert names == {f"table_2.{suffix}" for suffix in (*SUFFIXES, "provenance.json")}


@pytest.mark.parametrize("suffix", [*SUFFIXES, "provenance.json"])
@pytest.mark.parametrize(
    "edit", [lambda p: p.write_text("by hand"), lambda p: p.unlink(), lambda p: p.write_bytes(b"")]
)
def test_an_edited_file_is_published_again(made, suffix: str, edit):
    wanted, artifact = made("old")
    snakemake(wanted, artifact)
    edit(Path(f"results/tables/information_flow/table_2.{suffix}"))
    assert snakemake(wanted, artifact) and shown(wanted) == [f"old {s}" for s in SUFFIXES]
    assert is_current(RESULTS, wanted, STORE)


def test_going_back_publishes_the_older_artifact(made):
    old, new = made("old"), made("new")
    for wanted, artifact in (old, new, old):
        assert snakemake(wanted, artifact)
        assert shown(wanted)[1] == f"{artifact.parameters['value']} csv"
        assert len(list(Path("results/published").rglob("*.json"))) == 1


@pytest.mark.parametrize("copies", [0, 1, 3])
def test_a_publication_killed_between_copies_is_done_again(made, monkeypatch, copies: int):
    old, new = made("old"), made("new")
    snakemake(*old)
    copy, done = module.copy_atomically, []

    def killed(source: Path, target: Path) -> None:
        if len(done) == copies:
            target.with_name(f".{target.name}.4711").write_text("half")
            raise SystemExit(137)
        done.append(target)
        copy(source, target)

    with monkeypatch.context() as patched:
        patched.setattr(module, "copy_atomically", killed)
        with pytest.raises(SystemExit):
            snakemake(*new)
    assert not list(Path("results/published").rglob("*.json"))
    assert snakemake(*new) and shown(new[0]) == [f"new {suffix}" for suffix in SUFFIXES]
    assert not list(Path("results").rglob(".table_2*"))


def test_a_record_holds_for_its_own_artifact_alone(made):
    old, new = made("old"), made("new")
    snakemake(*old)
    assert is_current(RESULTS, old[0], STORE) and not is_current(RESULTS, new[0], STORE)


def test_an_artifact_made_again_with_other_bytes_is_published_again(made, put):
    wanted, artifact = made("old")
    snakemake(wanted, artifact)
    shutil.rmtree(artifact.path)
    assert is_current(RESULTS, wanted, STORE), "without its artifact the record alone counts"
    again = put(wanted.recipe, {f"table_2.{suffix}": f"again {suffix}".encode() for suffix in SUFFIXES})
    assert snakemake(wanted, again) and shown(wanted) == [f"again {suffix}" for suffix in SUFFIXES]


@pytest.mark.parametrize("recorded", [True, False])
def test_a_request_is_newer_than_the_oldest_output_and_never_the_same(made, recorded: bool):
    wanted, artifact = made("old")
    first = request(RESULTS, wanted).read_text()
    snakemake(wanted, artifact)
    outputs = [record_path(RESULTS, wanted), *map(Path, wanted.files())]
    if not recorded:
        outputs.pop(0).unlink()
    for path in outputs:
        os.utime(path, (4e9, 4e9))
    path = request(RESULTS, wanted)
    assert path.read_text() != first
    assert 0 < min(output.stat().st_mtime for output in outputs) < path.stat().st_mtime <= time.time()


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"files": []}', b'{"files": {}}', b'{"files": {"a": 1}}', b"\xff"]
)
def test_a_broken_record_is_a_false_one(made, content: bytes):
    wanted, artifact = made("old")
    snakemake(wanted, artifact)
    record_path(RESULTS, wanted).write_bytes(content)
    assert not is_current(RESULTS, wanted, STORE)


def test_names_that_begin_alike_do_not_disturb_each_other(made):
    short, long = made("a", "table_3"), made("b", "table_3_cifar10")
    for wanted, artifact in (short, long, short):
        snakemake(wanted, artifact)
    assert record_path(RESULTS, long[0]).exists() and shown(long[0])[1] == "b csv"


def test_a_damaged_artifact_is_not_published(made):
    wanted, artifact = made("old")
    snakemake(wanted, artifact)
    new, damaged = made("new")
    (damaged.path / "table_2.csv").write_bytes(b"NEW csv")
    with pytest.raises(ArtifactError, match="its content has changed"):
        publish(record_path(RESULTS, new), damaged.path, RESULTS)
    assert shown(wanted)[1] == "old csv"


def test_an_export_holds_what_was_published_or_says_what_changed(made):
    records = []
    for wanted, artifact in (made("a", "table_2"), made("b", "table_3")):
        snakemake(wanted, artifact)
        records.append(record_path(RESULTS, wanted))
    archive = RESULTS / "export/all.zip"
    assert export(archive, records) == len(zipfile.ZipFile(archive).namelist()) == 10
    assert zipfile.ZipFile(archive).read("tables/information_flow/table_3.csv") == b"b csv"
    Path("results/tables/information_flow/table_3.csv").write_text("of another run")
    with pytest.raises(ChangedFile, match="table_3.csv: changed since it was published"):
        export(RESULTS / "export/other.zip", records)
    assert [path.name for path in (RESULTS / "export").iterdir()] == ["all.zip"]


def page_of(value: str) -> Publication:
    parameters = {"name": "index", "study": "", "caption": "The page.", "value": value}
    return Publication("", "index", "The page.", Recipe(PAGE, "page", parameters, (), {"m": "0" * 16}, "1"))


def test_the_page_and_its_folder_are_replaced_together(put):
    """What the page before it had shown is gone, other public files stay, and the record names every file."""
    Path("results/reference").mkdir(parents=True)
    Path("results/reference/kept.md").write_text("of others")
    made = {}
    for value in ("old", "new"):
        files = {"index.html": value, "page/page.css": value, f"page/pairs/{value}.webp": value}
        wanted = page_of(value)
        made[value] = wanted, put(wanted.recipe, {name: text.encode() for name, text in files.items()})
    for value in ("old", "new", "old"):
        assert snakemake(*made[value])
        public = {p.relative_to(RESULTS).as_posix() for p in (RESULTS / "page").rglob("*") if p.is_file()}
        assert public == {"page/page.css", f"page/pairs/{value}.webp"}
        assert (RESULTS / "index.html").read_text() == (RESULTS / "page/page.css").read_text() == value
        record = json.loads((RESULTS / "published/index.json").read_text())
        assert set(record["files"]) == {f"results/{name}" for name in (*public, "index.html", "index.provenance.json")}
    assert not snakemake(*made["old"])
    (RESULTS / "page/pairs/old.webp").write_text("by hand")
    assert snakemake(*made["old"]) and Path("results/reference/kept.md").read_text() == "of others"
    assert export(Path("results/export/x.zip"), [record_path(RESULTS, made["old"][0])]) == 4
