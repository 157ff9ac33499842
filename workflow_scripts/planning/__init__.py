"""From a configuration to recipes, and from recipes to what Snakemake runs."""
