# The plan: configuration → recipes. Everything that the rules know of the work comes from here.
import shlex
import sys
from pathlib import Path

from snakemake.settings.types import DeploymentMethod

sys.path.insert(0, workflow.basedir)

from workflow_scripts.front import plan_run  # noqa: E402

RUN = plan_run(
    basedir=Path(workflow.basedir),
    configfiles=list(workflow.config_settings.configfiles),
    overrides=dict(workflow.config_settings.config),
    explain=workflow.is_main_process,
)
STORE = RUN.store

# What every job runs: the interpreter that runs Snakemake, or that of the rule's environment where one is deployed.
IN_CONDA = DeploymentMethod.CONDA in workflow.deployment_settings.deployment_method
PYTHON = f"PYTHONPATH={shlex.quote(workflow.basedir)} {'python' if IN_CONDA else shlex.quote(sys.executable)}"
REALISE = f"{PYTHON} -m workflow_scripts.realise {{input.recipe}} --threads {{threads}} {RUN.options} >> {{log}} 2>&1"


def recipe_of(kind):
    """The recipe file of the artifact that a job makes."""
    return lambda wildcards: RUN.recipe_file(kind, wildcards.artifact)


def inputs_of(kind):
    """The manifests of the artifacts that it reads."""
    return lambda wildcards: RUN.input_manifests(kind, wildcards.artifact)


# GPUs of a job that trains, attacks or extracts. Without a limit this binds nothing on a machine that has none.
GPUS = 0 if RUN.device == "cpu" else 1


def heavy_threads(wildcards):
    """Processor threads of a job that trains, attacks or extracts; on a machine with GPUs, no more jobs than GPUs."""
    if RUN.threads or workflow.non_local_exec:
        return RUN.threads or 4
    return max(1, (workflow.cores or 1) // max(1, RUN.gpus_here))
