# An adversarially trained classifier.
rule robust_model:
    input:
        recipe=recipe_of("robust_model"),
        artifacts=inputs_of("robust_model"),
    output:
        update(f"{STORE}/robust_model/{{artifact}}/manifest.json"),
    log:
        "results/logs/robust_model/{artifact}.log",
    benchmark:
        "results/benchmarks/robust_model/{artifact}.tsv"
    priority: 30
    conda:
        "../envs/workflow.yaml"
    threads: threads_of("robust_model")
    resources:
        **needs("robust_model"),
    shell:
        REALISE


# Differences of local responses between images and their adversarial versions.
rule responses:
    input:
        recipe=recipe_of("responses"),
        artifacts=inputs_of("responses"),
    output:
        update(f"{STORE}/responses/{{artifact}}/manifest.json"),
    log:
        "results/logs/responses/{artifact}.log",
    benchmark:
        "results/benchmarks/responses/{artifact}.tsv"
    conda:
        "../envs/workflow.yaml"
    threads: threads_of("responses")
    resources:
        **needs("responses"),
    shell:
        REALISE


# A classifier's answers to filtered and frequency-swapped images.
rule filtered_predictions:
    input:
        recipe=recipe_of("filtered_predictions"),
        artifacts=inputs_of("filtered_predictions"),
    output:
        update(f"{STORE}/filtered_predictions/{{artifact}}/manifest.json"),
    log:
        "results/logs/filtered_predictions/{artifact}.log",
    benchmark:
        "results/benchmarks/filtered_predictions/{artifact}.tsv"
    conda:
        "../envs/workflow.yaml"
    threads: threads_of("filtered_predictions")
    resources:
        **needs("filtered_predictions"),
    shell:
        REALISE


# Average log-amplitude spectra of images and of their adversarial versions.
rule spectra:
    input:
        recipe=recipe_of("spectra"),
        artifacts=inputs_of("spectra"),
    output:
        update(f"{STORE}/spectra/{{artifact}}/manifest.json"),
    log:
        "results/logs/spectra/{artifact}.log",
    benchmark:
        "results/benchmarks/spectra/{artifact}.tsv"
    conda:
        "../envs/workflow.yaml"
    threads: threads_of("spectra")
    resources:
        **needs("spectra"),
    shell:
        REALISE


# Magnitude, variance and roughness of a model's kernels.
rule kernel_statistics:
    input:
        recipe=recipe_of("kernel_statistics"),
        artifacts=inputs_of("kernel_statistics"),
    output:
        update(f"{STORE}/kernel_statistics/{{artifact}}/manifest.json"),
    log:
        "results/logs/kernel_statistics/{artifact}.log",
    benchmark:
        "results/benchmarks/kernel_statistics/{artifact}.tsv"
    conda:
        "../envs/workflow.yaml"
    threads: threads_of("kernel_statistics")
    resources:
        **needs("kernel_statistics"),
    shell:
        REALISE


# What real kernels make of real perturbations.
rule kernel_responses:
    input:
        recipe=recipe_of("kernel_responses"),
        artifacts=inputs_of("kernel_responses"),
    output:
        update(f"{STORE}/kernel_responses/{{artifact}}/manifest.json"),
    log:
        "results/logs/kernel_responses/{artifact}.log",
    benchmark:
        "results/benchmarks/kernel_responses/{artifact}.tsv"
    conda:
        "../envs/workflow.yaml"
    threads: threads_of("kernel_responses")
    resources:
        **needs("kernel_responses"),
    shell:
        REALISE
