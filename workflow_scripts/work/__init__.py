"""What a job will take, estimated from its recipe and its inputs' recipes; planning asks, so torch is not imported."""
