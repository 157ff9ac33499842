# A classifier's feature maps of one set of inputs.
rule features:
    input:
        recipe=recipe_of("features"),
        artifacts=inputs_of("features"),
    output:
        update(f"{STORE}/features/{{artifact}}/manifest.json"),
    log:
        "results/logs/features/{artifact}.log",
    benchmark:
        "results/benchmarks/features/{artifact}.tsv"
    conda:
        "../envs/workflow.yaml"
    threads: threads_of("features")
    resources:
        **needs("features"),
    shell:
        REALISE


# Mutual information of feature maps with input and output.
rule information:
    input:
        recipe=recipe_of("information"),
        artifacts=inputs_of("information"),
    output:
        update(f"{STORE}/information/{{artifact}}/manifest.json"),
    log:
        "results/logs/information/{artifact}.log",
    benchmark:
        "results/benchmarks/information/{artifact}.tsv"
    conda:
        "../envs/workflow.yaml"
    threads: threads_of("information")
    resources:
        **needs("information"),
    shell:
        REALISE


# The same, straight from the classifier: no feature maps are stored.
rule information_streaming:
    input:
        recipe=recipe_of("information_streaming"),
        artifacts=inputs_of("information_streaming"),
    output:
        update(f"{STORE}/information_streaming/{{artifact}}/manifest.json"),
    log:
        "results/logs/information_streaming/{artifact}.log",
    benchmark:
        "results/benchmarks/information_streaming/{artifact}.tsv"
    conda:
        "../envs/workflow.yaml"
    threads: threads_of("information_streaming")
    resources:
        **needs("information_streaming"),
    shell:
        REALISE


# Aggregated information paths.
rule aggregate:
    input:
        recipe=recipe_of("aggregate"),
        artifacts=inputs_of("aggregate"),
    output:
        update(f"{STORE}/aggregate/{{artifact}}/manifest.json"),
    log:
        "results/logs/aggregate/{artifact}.log",
    benchmark:
        "results/benchmarks/aggregate/{artifact}.tsv"
    conda:
        "../envs/workflow.yaml"
    threads: threads_of("aggregate")
    resources:
        **needs("aggregate"),
    shell:
        REALISE
