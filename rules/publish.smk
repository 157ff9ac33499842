# Publication: tables, figures and their page copied to the names that people and papers refer to.


rule publish_table:
    """A table under its public name, in four formats, with its provenance."""
    input:
        manifest=ancient(manifest_of("table")),
        request=request_of("table"),
    output:
        report(
            "results/tables/{study}/{name}.html",
            category="{study}",
            subcategory="tables",
            caption="captions/publication.rst",
            labels=labels_of,
        ),
        "results/tables/{study}/{name}.csv",
        "results/tables/{study}/{name}.tex",
        "results/tables/{study}/{name}.md",
        "results/tables/{study}/{name}.provenance.json",
        record="results/published/tables/{study}/{name}.json",
    log:
        "results/logs/publish/tables/{study}/{name}.log",
    localrule: True
    conda:
        "../envs/workflow.yaml"
    params:
        caption=caption_of("table"),
        folder=folder_of("table"),
    shell:
        PUBLISH


rule publish_figure:
    """A figure under its public name, with its data and provenance."""
    input:
        manifest=ancient(manifest_of("figure")),
        request=request_of("figure"),
    output:
        report(
            "results/figures/{study}/{name}.png",
            category="{study}",
            subcategory="figures",
            caption="captions/publication.rst",
            labels=labels_of,
        ),
        "results/figures/{study}/{name}.pdf",
        "results/figures/{study}/{name}.csv",
        "results/figures/{study}/{name}.tex",
        "results/figures/{study}/{name}.provenance.json",
        record="results/published/figures/{study}/{name}.json",
    log:
        "results/logs/publish/figures/{study}/{name}.log",
    localrule: True
    conda:
        "../envs/workflow.yaml"
    params:
        caption=caption_of("figure"),
        folder=folder_of("figure"),
    shell:
        PUBLISH


rule publish_results_page:
    """The page that shows everything in a browser, results/index.html, with the folder results/page."""
    input:
        manifest=ancient(manifest_of(PAGE)),
        request=request_of(PAGE),
    output:
        "results/index.html",
        "results/index.provenance.json",
        record="results/published/index.json",
    log:
        "results/logs/publish/index.log",
    localrule: True
    conda:
        "../envs/workflow.yaml"
    params:
        folder=folder_of(PAGE),
    shell:
        PUBLISH


for study in RUN.studies:

    rule:
        name:
            study
        input:
            RUN.published(study),
        localrule: True

    workflow.get_rule(study).docstring = f"Every table and figure of {study.replace('_', ' ')}."


rule export:
    """One archive of all that is published; its name says what is in it."""
    input:
        records=ancient(RUN.records()),
        files=ancient(RUN.published()),
    output:
        f"results/export/dissection-{RUN.plan.digest}.zip",
    log:
        "results/logs/export.log",
    localrule: True
    conda:
        "../envs/workflow.yaml"
    shell:
        f"{PYTHON} -m workflow_scripts.publication.export {{output}} {{input.records}} > {{log}} 2>&1"
