# The plan: configuration → recipes. Everything that the rules know of the work comes from here.
import shlex
import sys
from contextlib import ExitStack
from pathlib import Path

from snakemake.settings.types import DeploymentMethod

# The checkout that this file belongs to. Where another workflow uses this one as a module, `workflow.basedir` is that
# one's folder, and its `configfile:` names the configuration.
CHECKOUT = Path(workflow.current_basedir.get_path_or_uri(secret_free=True)).parent
sys.path.insert(0, str(CHECKOUT))

from workflow_scripts.jobs.fork_server import running  # noqa: E402
from workflow_scripts.planning.run_screen import show_run  # noqa: E402
from workflow_scripts.planning.snakemake import plan_run  # noqa: E402
from workflow_scripts.publication.outcome import outcome  # noqa: E402
from workflow_scripts.publication.records import PAGE  # noqa: E402
from workflow_scripts.recipes.kinds import KINDS  # noqa: E402

SCREEN = show_run(workflow.output_settings) if workflow.is_main_process else None
RUN = plan_run(
    basedir=CHECKOUT,
    configfiles=[Path(file) for file in workflow.config_settings.configfiles or workflow.configfiles],
    overrides=dict(workflow.config_settings.config),
    explain=workflow.is_main_process,
    remember=workflow.is_main_process and not workflow.dryrun,
)
STORE = RUN.store
# Snakemake lists results/published once, before it comes to the page: a request that is written there later is not seen.
if workflow.is_main_process:
    RUN.request_page()
if SCREEN is not None:
    SCREEN.title = RUN.title

# While it is open, jobs on this machine fork from a process that has imported the libraries.
FORKING = ExitStack()

# What every job runs: the interpreter that runs Snakemake, or that of the rule's environment where one is deployed.
IN_CONDA = DeploymentMethod.CONDA in workflow.deployment_settings.deployment_method
# A PYTHONPATH that is set is kept behind the project's folder.
PYTHON = (
    f"PYTHONPATH={shlex.quote(str(CHECKOUT))}${{{{PYTHONPATH:+:$PYTHONPATH}}}} "
    f"{'python' if IN_CONDA else shlex.quote(sys.executable)}"
)
REALISE = (
    f"{PYTHON} -m workflow_scripts.jobs.start {{input.recipe}} --threads {{threads}} {RUN.options} {{params.source}} "
    ">> {log} 2>&1"
)
PUBLISH = f"{PYTHON} -m workflow_scripts.publication.publish {{output.record}} {{params.folder:q}} > {{log}} 2>&1"


def recipe_of(kind):
    """The recipe file of the artifact that a job makes."""
    return lambda wildcards: RUN.recipe_file(kind, wildcards.artifact)


def inputs_of(kind):
    """The manifests of the artifacts that it reads."""
    return lambda wildcards: RUN.input_manifests(kind, wildcards.artifact)


def source_of(kind):
    """The words that tell a job where the source's files are; nothing for kinds and sources that need none."""
    return lambda wildcards: RUN.source(kind, wildcards.artifact) if KINDS[kind].reads_source else ""


# On this machine as many jobs with a GPU run at once as it has GPUs, unless --resources gpu=… says otherwise. The number
# is the machine's, so that no profile can say it.
if RUN.gpus_here and "gpu" not in workflow.global_resources:
    workflow.register_resource("gpu", RUN.gpus_here)


def on_cluster():
    """Whether jobs are submitted, once Snakemake builds its DAG; a dry run tells it by the number of nodes."""
    return workflow.non_local_exec or (workflow.dryrun and workflow.nodes is not None)


def machine(wildcards):
    """Where a job runs: a heavy one takes every thread, on a machine with GPUs its share of them."""
    on_gpu = RUN.device != "cpu" and (on_cluster() or RUN.gpus_here > 0)
    if RUN.threads or on_cluster():
        return RUN.machine(on_gpu, RUN.threads or 4)
    return RUN.machine(on_gpu, max(1, (workflow.cores or 1) // max(1, RUN.gpus_here)))


def threads_of(kind):
    """Processor threads of a job, from its work."""
    return RUN.threads_of(kind, machine)


def needs(kind):
    """Memory, run time and GPUs of a job, from its work; the first two grow with every attempt."""
    return RUN.needs(kind, machine)


def retries_of(kind):
    """On a cluster, how often a kind's longest job is continued after the run time's limit, and once more for a failure.

    None, where no job is continued: as often as --retries says.
    """
    node = RUN.machine(RUN.device != "cpu", RUN.threads or 4)
    again = 0 if workflow.nodes is None else RUN.continuations(kind, node)
    if again and workflow.is_main_process:
        print(f"{kind}: execution.max_hours ends jobs, which are continued up to {again} times", file=sys.stderr)
    return again + 1 if again else None


def publication(kind, wildcards):
    """The table or figure that is published under a name, or the results page."""
    study, name = ("", "index") if kind == PAGE else (wildcards.study, wildcards.name)
    return RUN.publication(kind, study, name)


def manifest_of(kind):
    """The manifest of the artifact whose files are published under a name."""
    return lambda wildcards: RUN.manifest(publication(kind, wildcards).recipe.folder)


def request_of(kind):
    """The request to copy, which is newer than every public file; nothing where those are the artifact's copies."""
    return lambda wildcards: RUN.request(publication(kind, wildcards))


def caption_of(kind):
    """The caption of a table or figure."""
    return lambda wildcards: publication(kind, wildcards).caption


def folder_of(kind):
    """The folder of the artifact whose files are published under a name."""
    return lambda wildcards, input: str(Path(input.manifest).parent)


def labels_of(wildcards):
    """How a report names a publication."""
    return {"name": wildcards.name.replace("_", " ")}


def asked_for():
    """The publications that this run was asked for."""
    kinds = {f"publish_{kind}": kind for kind in ("table", "figure", PAGE)}
    jobs = [job for job in workflow.dag.jobs if job.rule.name in kinds]
    return sorted((publication(kinds[job.rule.name], job.wildcards) for job in jobs), key=lambda p: (p.study, p.name))
