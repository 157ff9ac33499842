# Publication: one rule a table or figure, whose outputs are the names that people and papers refer to.

for publication in RUN.plan.publications:

    rule:
        name:
            publication.rule
        input:
            RUN.manifest(publication.recipe.folder),
        output:
            record=RUN.record(publication),
            shown=report(
                publication.files()[0],
                category=publication.study,
                subcategory=publication.folder,
                caption="captions/publication.rst",
                labels={"name": publication.name.replace("_", " ")},
            ),
            others=publication.files()[1:],
        log:
            f"results/logs/publish/{publication.study}-{publication.name}.log",
        localrule: True
        conda:
            "../envs/workflow.yaml"
        params:
            caption=publication.caption,
            folder=lambda wildcards, input: str(Path(input[0]).parent),
        shell:
            f"{PYTHON} -m workflow_scripts.publication.publish {{output.record}} {{params.folder:q}} > {{log}} 2>&1"


for study in sorted({p.study for p in RUN.plan.publications}):

    rule:
        name:
            study
        input:
            RUN.published(study),
        localrule: True


# One archive of all that is published; its name says what is in it.
rule export:
    input:
        records=[RUN.record(p) for p in RUN.plan.publications],
        files=RUN.published(),
    output:
        f"results/export/dissection-{RUN.plan.digest}.zip",
    log:
        "results/logs/export.log",
    localrule: True
    conda:
        "../envs/workflow.yaml"
    shell:
        f"{PYTHON} -m workflow_scripts.publication.export {{output}} {{input.records}} > {{log}} 2>&1"
