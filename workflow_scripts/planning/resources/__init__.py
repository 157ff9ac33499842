"""What jobs cost: operations, memory, time, threads and GPUs, estimated from their recipes."""
