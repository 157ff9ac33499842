# A data set, read, checked and split.
rule dataset:
    input:
        recipe=recipe_of("dataset"),
        artifacts=inputs_of("dataset"),
    output:
        update(f"{STORE}/dataset/{{artifact}}/manifest.json"),
    log:
        "results/logs/dataset/{artifact}.log",
    benchmark:
        "results/benchmarks/dataset/{artifact}.tsv"
    conda:
        "../envs/workflow.yaml"
    threads: threads_of("dataset")
    resources:
        **needs("dataset"),
    params:
        source=lambda wildcards: RUN.source("dataset", wildcards.artifact),
    shell:
        f"{REALISE} {{params.source}}"
