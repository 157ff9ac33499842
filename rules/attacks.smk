# What one attack makes of chosen images against one classifier.
rule adversarial:
    input:
        recipe=recipe_of("adversarial"),
        artifacts=inputs_of("adversarial"),
    output:
        update(f"{STORE}/adversarial/{{artifact}}/manifest.json"),
    log:
        "results/logs/adversarial/{artifact}.log",
    benchmark:
        "results/benchmarks/adversarial/{artifact}.tsv"
    priority: 10
    conda:
        "../envs/workflow.yaml"
    threads: threads_of("adversarial")
    resources:
        **needs("adversarial"),
    shell:
        REALISE


# The intermediate inputs of one crafting process.
rule trajectory:
    input:
        recipe=recipe_of("trajectory"),
        artifacts=inputs_of("trajectory"),
    output:
        update(f"{STORE}/trajectory/{{artifact}}/manifest.json"),
    log:
        "results/logs/trajectory/{artifact}.log",
    benchmark:
        "results/benchmarks/trajectory/{artifact}.tsv"
    conda:
        "../envs/workflow.yaml"
    threads: threads_of("trajectory")
    resources:
        **needs("trajectory"),
    shell:
        REALISE
