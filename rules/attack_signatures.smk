# Weights that somebody else trained, from a file or torchvision's download.
rule weights:
    input:
        recipe=recipe_of("weights"),
        artifacts=inputs_of("weights"),
    output:
        update(f"{STORE}/weights/{{artifact}}/manifest.json"),
    log:
        "results/logs/weights/{artifact}.log",
    benchmark:
        "results/benchmarks/weights/{artifact}.tsv"
    conda:
        "../envs/workflow.yaml"
    threads: threads_of("weights")
    resources:
        **needs("weights"),
    params:
        source=lambda wildcards: RUN.source("weights", wildcards.artifact),
    shell:
        f"{REALISE} {{params.source}}"


# A classifier trained from somebody else's weights.
rule fine_tuned:
    input:
        recipe=recipe_of("fine_tuned"),
        artifacts=inputs_of("fine_tuned"),
    output:
        update(f"{STORE}/fine_tuned/{{artifact}}/manifest.json"),
    log:
        "results/logs/fine_tuned/{artifact}.log",
    benchmark:
        "results/benchmarks/fine_tuned/{artifact}.tsv"
    priority: 30
    conda:
        "../envs/workflow.yaml"
    threads: threads_of("fine_tuned")
    resources:
        **needs("fine_tuned"),
    shell:
        REALISE


# A trained recogniser of attacks: REDRL, an ablation or a baseline. Images are held up to 2 GB; more stay on disk.
rule recogniser:
    input:
        recipe=recipe_of("recogniser"),
        artifacts=inputs_of("recogniser"),
    output:
        update(f"{STORE}/recogniser/{{artifact}}/manifest.json"),
    log:
        "results/logs/recogniser/{artifact}.log",
    benchmark:
        "results/benchmarks/recogniser/{artifact}.tsv"
    priority: 20
    conda:
        "../envs/workflow.yaml"
    threads: threads_of("recogniser")
    resources:
        **needs("recogniser"),
    shell:
        REALISE


# A recogniser on the attacked test images.
rule recogniser_evaluation:
    input:
        recipe=recipe_of("recogniser_evaluation"),
        artifacts=inputs_of("recogniser_evaluation"),
    output:
        update(f"{STORE}/recogniser_evaluation/{{artifact}}/manifest.json"),
    log:
        "results/logs/recogniser_evaluation/{artifact}.log",
    benchmark:
        "results/benchmarks/recogniser_evaluation/{artifact}.tsv"
    conda:
        "../envs/workflow.yaml"
    threads: threads_of("recogniser_evaluation")
    resources:
        **needs("recogniser_evaluation"),
    shell:
        REALISE


# A victim's accuracy under every attack, by the way through 8 bits.
rule robust_accuracy:
    input:
        recipe=recipe_of("robust_accuracy"),
        artifacts=inputs_of("robust_accuracy"),
    output:
        update(f"{STORE}/robust_accuracy/{{artifact}}/manifest.json"),
    log:
        "results/logs/robust_accuracy/{artifact}.log",
    benchmark:
        "results/benchmarks/robust_accuracy/{artifact}.tsv"
    conda:
        "../envs/workflow.yaml"
    threads: threads_of("robust_accuracy")
    resources:
        **needs("robust_accuracy"),
    shell:
        REALISE


# A victim's filter saliency and the profiles of every attack.
rule saliency:
    input:
        recipe=recipe_of("saliency"),
        artifacts=inputs_of("saliency"),
    output:
        update(f"{STORE}/saliency/{{artifact}}/manifest.json"),
    log:
        "results/logs/saliency/{artifact}.log",
    benchmark:
        "results/benchmarks/saliency/{artifact}.tsv"
    conda:
        "../envs/workflow.yaml"
    threads: threads_of("saliency")
    resources:
        **needs("saliency"),
    shell:
        REALISE


# Input-space saliency of a few images.
rule input_saliency:
    input:
        recipe=recipe_of("input_saliency"),
        artifacts=inputs_of("input_saliency"),
    output:
        update(f"{STORE}/input_saliency/{{artifact}}/manifest.json"),
    log:
        "results/logs/input_saliency/{artifact}.log",
    benchmark:
        "results/benchmarks/input_saliency/{artifact}.tsv"
    conda:
        "../envs/workflow.yaml"
    threads: threads_of("input_saliency")
    resources:
        **needs("input_saliency"),
    shell:
        REALISE
