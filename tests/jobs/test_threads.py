"""A training computes with its recipe's threads, whatever the job is given; other jobs with the job's."""

import torch

from workflow_scripts.jobs.realise import choose_device, parse_arguments


def test_a_trainings_threads_are_its_recipes(planner, digits):
    before = torch.get_num_threads()
    try:
        options = parse_arguments(["recipe.json", "--threads", "1", "--device", "cpu"])
        choose_device(planner.adversarial("fgsm", "small", 0, {"split": "test", "count": 10}), options)
        assert torch.get_num_threads() == 1
        choose_device(planner.model("small", 0), options)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
