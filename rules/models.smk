# A trained classifier.
rule model:
    input:
        recipe=recipe_of("model"),
        artifacts=inputs_of("model"),
    output:
        update(f"{STORE}/model/{{artifact}}/manifest.json"),
    log:
        "results/logs/model/{artifact}.log",
    benchmark:
        "results/benchmarks/model/{artifact}.tsv"
    conda:
        "../envs/workflow.yaml"
    threads: heavy_threads
    resources:
        mem_mb=lambda wildcards, attempt: 3000 * attempt,
        runtime=lambda wildcards, attempt: 600 * attempt,
        gpu=GPUS,
    shell:
        REALISE
