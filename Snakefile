# Dissecting adversarial examples: from one configuration to tables and figures.
#
#   snakemake --cores all                      the default configuration (small, on data that a package ships)
#   snakemake information_flow --cores all     one study
#   snakemake --cores all --configfile config/cifar10.yaml
#   snakemake export                           one archive of tables, figures and their provenance

from snakemake.utils import min_version

min_version("9.10")


report: "rules/captions/workflow.rst"


# Existence is validity: an artifact's path is its identity, so modification times mean nothing.
inputflags:
    ancient,


wildcard_constraints:
    artifact=r"[a-z0-9][a-z0-9_.-]*--[0-9a-f]{12}",


include: "rules/plan.smk"
include: "rules/publish.smk"


# While starts of jobs are limited, and by default they are, Snakemake 9 wakes its scheduler once a second more for every
# job that it has started: after 200 jobs that takes half a processor. On this machine nothing needs the limit.
onstart:
    if not workflow.non_local_exec:
        workflow.scheduler.job_rate_limiter = None


# A run of everything ends with its report.
onsuccess:
    everything = set(workflow.dag_settings.targets) <= {"all"}
    if everything and all(Path(file).exists() for file in RUN.published()):
        after_run(
            workflow.main_snakefile,
            workflow.config_settings.configfiles,
            workflow.config_settings.config,
        )


rule all:
    default_target: True
    input:
        RUN.published(),


include: "rules/data.smk"
include: "rules/models.smk"
include: "rules/attacks.smk"
include: "rules/information.smk"
include: "rules/local_properties.smk"
include: "rules/attack_signatures.smk"
include: "rules/rendering.smk"
