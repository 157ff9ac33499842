"""What jobs cost, estimated from their recipes: operations, memory, run time, threads and GPUs."""
