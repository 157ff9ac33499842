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
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 1000 * attempt,
        runtime=lambda wildcards, attempt: 10 * attempt,
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
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 1000 * attempt,
        runtime=lambda wildcards, attempt: 10 * attempt,
    shell:
        REALISE
