# The plan: configuration → recipes. Everything that the rules know of the work comes from here.
import shlex
import sys
from pathlib import Path

from snakemake.settings.types import DeploymentMethod

sys.path.insert(0, workflow.basedir)

from workflow_scripts.planning.snakemake import plan_run  # noqa: E402
from workflow_scripts.publication.report import after_run  # noqa: E402

RUN = plan_run(
    basedir=Path(workflow.basedir),
    configfiles=list(workflow.config_settings.configfiles),
    overrides=dict(workflow.config_settings.config),
    explain=workflow.is_main_process,
    on_other_machines=workflow.is_main_process and workflow.non_local_exec,
)
STORE = RUN.store

# What every job runs: the interpreter that runs Snakemake, or that of the rule's environment where one is deployed.
IN_CONDA = DeploymentMethod.CONDA in workflow.deployment_settings.deployment_method
PYTHON = f"PYTHONPATH={shlex.quote(workflow.basedir)} {'python' if IN_CONDA else shlex.quote(sys.executable)}"
REALISE = f"{PYTHON} -m workflow_scripts.jobs.realise {{input.recipe}} --threads {{threads}} {RUN.options} >> {{log}} 2>&1"


def recipe_of(kind):
    """The recipe file of the artifact that a job makes."""
    return lambda wildcards: RUN.recipe_file(kind, wildcards.artifact)


def inputs_of(kind):
    """The manifests of the artifacts that it reads."""
    return lambda wildcards: RUN.input_manifests(kind, wildcards.artifact)


# Whether jobs find a GPU: on this machine, or on the cluster that they are submitted to.
ON_GPU = RUN.device != "cpu" and (workflow.non_local_exec or RUN.gpus_here > 0)


# On this machine as many jobs with a GPU run at once as it has GPUs, unless --resources gpu=… says otherwise.
if RUN.gpus_here and not workflow.non_local_exec and "gpu" not in workflow.global_resources:
    workflow.register_resource("gpu", RUN.gpus_here)


def machine(wildcards):
    """Where a job runs: a heavy one takes every thread, on a machine with GPUs its share of them."""
    if RUN.threads or workflow.non_local_exec:
        return RUN.machine(ON_GPU, RUN.threads or 4)
    return RUN.machine(ON_GPU, max(1, (workflow.cores or 1) // max(1, RUN.gpus_here)))


def threads_of(kind):
    """Processor threads of a job, from its work."""
    return RUN.threads_of(kind, machine)


def needs(kind):
    """Memory, run time and GPUs of a job, from its work; the first two grow with every attempt."""
    return RUN.needs(kind, machine)
