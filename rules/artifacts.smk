# Artifacts: one rule for every kind. A kind's description, priority and sources stand in workflow_scripts/recipes/kinds.py.

for kind in KINDS:

    rule:
        name:
            kind
        input:
            recipe=ancient(recipe_of(kind)),
            artifacts=ancient(inputs_of(kind)),
        output:
            update(f"{STORE}/{kind}/{{artifact}}/manifest.json"),
        log:
            f"results/logs/{kind}/{{artifact}}.log",
        priority: KINDS[kind].priority
        retries: retries_of(kind)
        conda:
            "../envs/workflow.yaml"
        threads: threads_of(kind)
        resources:
            **needs(kind),
        params:
            source=source_of(kind),
        shell:
            REALISE

    workflow.get_rule(kind).docstring = KINDS[kind].what
