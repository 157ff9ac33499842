# Publication: one rule a table or figure, whose outputs are the names that people and papers refer to.


def published(study=None):
    """The records and public files of every publication, or of one study's."""
    chosen = [p for p in RUN.plan.publications if study in (None, p.study)]
    return [RUN.record(p) for p in chosen] + [name for p in chosen for name in p.files()]


PUBLISH = f"PYTHONPATH={shlex.quote(workflow.basedir)} {shlex.quote(sys.executable)} -m workflow_scripts.publication "

for publication in RUN.plan.publications:

    rule:
        name:
            f"publish_{publication.study}_{publication.name}"
        input:
            RUN.manifest(publication.recipe.folder),
        output:
            record=RUN.record(publication),
            shown=report(
                publication.files()[-1 if publication.folder == "tables" else 1],
                category=publication.study,
                subcategory=publication.folder,
                caption="captions/publication.rst",
                labels={"name": publication.name.replace("_", " ")},
            ),
            others=[
                name
                for name in publication.files()
                if name != publication.files()[-1 if publication.folder == "tables" else 1]
            ],
        log:
            f"results/logs/publish/{publication.study}-{publication.name}.log",
        localrule: True
        params:
            caption=publication.caption,
            folder=f"{STORE}/{publication.recipe.folder}",
        shell:
            PUBLISH + "{output.record} {params.folder} > {log} 2>&1"


for study in sorted({p.study for p in RUN.plan.publications}):

    rule:
        name:
            study
        input:
            published(study),
        localrule: True


# One archive of all that is published; its name says what is in it.
rule export:
    input:
        records=[RUN.record(p) for p in RUN.plan.publications],
        files=published(),
    output:
        f"results/export/dissection-{RUN.plan.digest}.zip",
    log:
        "results/logs/export.log",
    localrule: True
    shell:
        f"PYTHONPATH={shlex.quote(workflow.basedir)} {shlex.quote(sys.executable)} -m workflow_scripts.export "
        "{output} {input.records} > {log} 2>&1"
