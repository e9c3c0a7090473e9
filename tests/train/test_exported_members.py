"""What `from lrsweep.train import …` offers is a promise: a change of it is made here too."""

from lrsweep import train


def test_the_front_door_offers_exactly_this() -> None:
    assert sorted(train.__all__, key=str.lower) == [
        "accuracy",
        "attach_schedule",
        "Examples",
        "fit",
        "FitResult",
        "GradualUnfreezing",
        "layer_rates",
        "make_optimizer",
        "OPTIMIZERS",
        "parameter_groups",
        "Parser",
        "pick_device",
        "Recipe",
        "scaled_lr",
        "seed_everything",
        "SequenceWarmup",
    ]
    assert all(hasattr(train, name) for name in train.__all__)
