# A table in four formats.
rule table:
    input:
        recipe=recipe_of("table"),
        artifacts=inputs_of("table"),
    output:
        update(f"{STORE}/table/{{artifact}}/manifest.json"),
    log:
        "results/logs/table/{artifact}.log",
    benchmark:
        "results/benchmarks/table/{artifact}.tsv"
    conda:
        "../envs/workflow.yaml"
    threads: threads_of("table")
    resources:
        **needs("table"),
    shell:
        REALISE


# A figure and its data.
rule figure:
    input:
        recipe=recipe_of("figure"),
        artifacts=inputs_of("figure"),
    output:
        update(f"{STORE}/figure/{{artifact}}/manifest.json"),
    log:
        "results/logs/figure/{artifact}.log",
    benchmark:
        "results/benchmarks/figure/{artifact}.tsv"
    conda:
        "../envs/workflow.yaml"
    threads: threads_of("figure")
    resources:
        **needs("figure"),
    shell:
        REALISE
