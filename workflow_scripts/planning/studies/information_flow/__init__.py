"""Planning of the information_flow study, one module per question of the paper."""
