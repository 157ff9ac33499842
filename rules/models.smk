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
    priority: 30
    conda:
        "../envs/workflow.yaml"
    threads: threads_of("model")
    resources:
        **needs("model"),
    shell:
        REALISE


# A trimmed classifier.
rule compressed:
    input:
        recipe=recipe_of("compressed"),
        artifacts=inputs_of("compressed"),
    output:
        update(f"{STORE}/compressed/{{artifact}}/manifest.json"),
    log:
        "results/logs/compressed/{artifact}.log",
    benchmark:
        "results/benchmarks/compressed/{artifact}.tsv"
    priority: 30
    conda:
        "../envs/workflow.yaml"
    threads: threads_of("compressed")
    resources:
        **needs("compressed"),
    shell:
        REALISE


# A classifier taught by another one's probabilities.
rule distilled:
    input:
        recipe=recipe_of("distilled"),
        artifacts=inputs_of("distilled"),
    output:
        update(f"{STORE}/distilled/{{artifact}}/manifest.json"),
    log:
        "results/logs/distilled/{artifact}.log",
    benchmark:
        "results/benchmarks/distilled/{artifact}.tsv"
    priority: 30
    conda:
        "../envs/workflow.yaml"
    threads: threads_of("distilled")
    resources:
        **needs("distilled"),
    shell:
        REALISE


# Somebody's finished classifier, as it is.
rule pretrained_model:
    input:
        recipe=recipe_of("pretrained_model"),
        artifacts=inputs_of("pretrained_model"),
    output:
        update(f"{STORE}/pretrained_model/{{artifact}}/manifest.json"),
    log:
        "results/logs/pretrained_model/{artifact}.log",
    benchmark:
        "results/benchmarks/pretrained_model/{artifact}.tsv"
    priority: 30
    conda:
        "../envs/workflow.yaml"
    threads: threads_of("pretrained_model")
    resources:
        **needs("pretrained_model"),
    shell:
        REALISE
