"""What a run shows: a line per finished job or one bar, and the reason of a failure."""

import io
import logging
from types import SimpleNamespace

import pytest
from snakemake.logging import ColorizingTextHandler
from snakemake_interface_logger_plugins.common import LogEvent

from workflow_scripts.planning.run_screen import RunScreen, duration, failure, reason_in, show_run


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def logged():
    """Send Snakemake's records to a screen of some kind; what it shows."""
    logger = logging.getLogger("snakemake.logging")
    handlers, level = list(logger.handlers), logger.level

    def run(records, stream=None, **settings):
        stream = stream or io.StringIO()
        handler = ColorizingTextHandler(stream=stream, nocolor=True)
        handler.name = "DefaultStreamHandler"
        logger.handlers = [handler]
        logger.setLevel(logging.INFO)
        given = {"printshellcmds": False, "verbose": False, "debug_dag": False, "quiet": None, "dryrun": False}
        screen = show_run(SimpleNamespace(**given | settings))
        for message, extra in records:
            logger.log(extra.pop("level", logging.INFO), message, extra=extra)
        return screen, stream.getvalue()

    yield run
    logger.handlers = handlers
    logger.setLevel(level)


def info(jobid, rule, **wildcards):
    more = {"log": [], "input": ["many"] * 1000, "local": False}
    return ("", {"event": LogEvent.JOB_INFO, "jobid": jobid, "rule_name": rule, "wildcards": wildcards, **more})


def finished(jobid):
    return (f"Finished jobid: {jobid}", {"event": LogEvent.JOB_FINISHED, "job_id": jobid})


def records():
    stats = {"model": 1, "publish_table": 1, "total": 2}
    return [
        ("SNAKEMAKE", {"event": LogEvent.WORKFLOW_STARTED}),
        ("Building DAG of jobs...", {}),
        ("Provided cores: 2", {"event": LogEvent.RESOURCES_INFO}),
        ("Job stats:\nmodel 1", {"event": LogEvent.RUN_INFO, "stats": stats}),
        ("Select jobs to execute...", {}),
        info(1, "model", artifact="small--0123456789ab"),
        finished(1),
        info(2, "publish_table", study="spectrum", name="table_2"),
        finished(2),
        ("2 of 2 steps (100%) done", {"event": LogEvent.PROGRESS}),
        ("Nothing to be done", {}),
    ]


def test_without_a_terminal_each_finished_job_is_a_line(logged):
    assert logged(records())[1].splitlines() == [
        "Job stats:",
        "model 1",
        "[1/2] model small--0123456789ab (0 s)",
        "[2/2] publish_table spectrum/table_2 (0 s)",
        "Nothing to be done",
    ]


def test_a_terminal_has_one_bar_and_no_line_per_job(logged, capsys):
    screen, shown = logged(records(), Terminal())
    assert shown.splitlines() == ["Job stats:", "model 1", "Nothing to be done"]
    screen.end(["look there"])
    bar = capsys.readouterr().err
    assert "1 model 0/2 jobs" in bar and "1 publish_table 1/2 jobs" in bar
    assert bar.endswith("2 of 2 jobs done in 0 s\nlook there\n")


def test_a_dry_run_lists_the_jobs_and_their_numbers_once(logged):
    lines = logged([*records()[:6], *records()[3:4], ("Reasons:\n  many", {})], dryrun=True)[1].split("\n")
    assert [line for line in lines if line] == ["Job stats:", "model 1", "model small--0123456789ab"]


def test_a_failure_is_its_reason_and_its_logs(logged, tmp_path):
    log = tmp_path / "job.log"
    log.write_text("Traceback\nerror: recipe.json: the disk is full\nlast words\n")
    error = {"event": LogEvent.JOB_ERROR, "jobid": 1, "rule_name": "model", "log": [str(log)], "rule_msg": None}
    useless = {"event": LogEvent.ERROR, "level": logging.ERROR}
    _, shown = logged(
        [
            info(1, "model", artifact="small--0123456789ab"),
            ("RuleException:\nCalledProcessError in file Snakefile", useless),
            ("Error in rule model, jobid: 1", {**error, "level": logging.ERROR}),
            ("Exiting because a job execution failed. Look above for error messages", {"level": logging.ERROR}),
        ]
    )
    assert shown == f"failed: model small--0123456789ab: recipe.json: the disk is full\n  log: {log}\n"


def test_a_failure_without_a_reason_is_told_by_the_scheduler(tmp_path):
    (tmp_path / "log").write_text("Killed\n")
    assert reason_in(tmp_path / "log") is None and reason_in(tmp_path / "none") is None
    told = failure("model a", [str(tmp_path / "log")], "SLURM-job '7' failed, SLURM status is: 'TIMEOUT'.")
    assert told.startswith("failed: model a: SLURM-job '7' failed")
    assert failure("model a", [], None) == "failed: model a: its log does not say why"


def test_errors_and_warnings_are_shown(logged):
    warning = ("a warning", {"level": logging.WARNING})
    error = ("MissingRuleException: no rule", {"level": logging.ERROR, "event": LogEvent.ERROR})
    assert logged([warning, error])[1].splitlines() == ["a warning", "MissingRuleException: no rule"]


@pytest.mark.parametrize("setting", ["printshellcmds", "verbose", "debug_dag", "quiet"])
def test_snakemakes_own_screen_where_it_is_asked_for(logged, setting):
    assert logged([], **{setting: True})[0] is None


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0 s"), (59.6, "1 min 0 s"), (125, "2 min 5 s"), (7500, "2 h 5 min")]
)
def test_durations(seconds, text):
    assert duration(seconds) == text


def test_a_screen_without_jobs_has_no_bar():
    assert RunScreen(terminal=True, dry_run=False).bar is None
