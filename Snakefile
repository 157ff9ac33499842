# Dissecting adversarial examples: from one configuration to tables and figures.
#
#   snakemake --cores all                      the default configuration (small, on data that a package ships)
#   snakemake information_flow --cores all     one study
#   snakemake --cores all --configfile config/cifar10.yaml
#   snakemake export                           one archive of tables, figures and their provenance

from snakemake.utils import min_version

min_version("9.10")


report: "rules/captions/workflow.rst"


wildcard_constraints:
    artifact=r"[a-z0-9][a-z0-9_.-]*--[0-9a-f]{12}",
    study=r"[^/]+",
    name=r"[^/]+",


include: "rules/plan.smk"


# While starts of jobs are limited, and from the command line they always are, Snakemake 9 wakes its scheduler once a second
# more for every job that it has started: after 200 jobs that takes half a processor. On this machine nothing needs the
# limit. Its settings know "no limit", but no option or profile can say so: a longer timespan wakes it less often and
# then holds up the end of every run by as much.
onstart:
    if not workflow.non_local_exec:
        workflow.scheduler.job_rate_limiter = None
        if not IN_CONDA:
            FORKING.enter_context(running())
    elif RUN.machine_dependent:
        sys.exit(
            f"\n{', '.join(RUN.machine_dependent)}: is auto; for jobs on other machines say float32 or bfloat16\n"
        )


onsuccess:
    FORKING.close()
    asked = asked_for()
    unpublished = RUN.unpublished(asked)
    if unpublished:
        sys.exit(f"\n{unpublished}")
    if SCREEN is not None:
        SCREEN.end(outcome(asked))


onerror:
    FORKING.close()
    if SCREEN is not None:
        SCREEN.end([])


rule all:
    """Every table and figure of the configuration, and the page that shows them."""
    default_target: True
    input:
        RUN.published(),


# An artifact's path is its identity, so existence is validity: the rules' inputs are ancient, and modification times mean
# nothing.
include: "rules/artifacts.smk"
include: "rules/publish.smk"
