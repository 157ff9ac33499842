"""One job per artifact: opens the inputs of a recipe, runs its stage, and commits the result to the store."""
