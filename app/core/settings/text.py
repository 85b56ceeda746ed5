"""What each setting of a training is called, and what it does, in words for the person.

The form in the window and ``train --help`` both read them here.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Setting:
    """A setting's name in ``TrainConfig``, its label, and a sentence or two of help."""

    name: str
    label: str
    help: str


BASIC = (
    Setting("arch", "Architecture", "The network that is trained."),
    Setting(
        "start",
        "Start from",
        "What the weights are at first: those of everyday pictures (ImageNet), random ones "
        "(scratch), or those of a model, which then goes on learning.",
    ),
    Setting(
        "epochs",
        "Epochs",
        "How often each image is seen. Training ends earlier when it no longer gets better.",
    ),
    Setting(
        "batch_size",
        "Batch size",
        "Images per step. Smaller needs less memory and is slower.",
    ),
    Setting(
        "learning_rate",
        "Learning rate",
        "Size of the steps at their largest. Too large does not settle, too small does not arrive. "
        "0 takes the optimizer's own.",
    ),
    Setting(
        "augmentation",
        "Augmentation",
        "Strength of the random changes to each image: 0 for none, 1 as in the bundled network. "
        "They keep it from learning markers and borders.",
    ),
    Setting(
        "nodes_cnn", "Filters", "Patterns that the convolution looks for. More see finer things."
    ),
    Setting(
        "activation_cnn",
        "Filter activation",
        "How a filter's answer goes on: relu cuts at zero, softmax lets the filters compete.",
    ),
    Setting(
        "nodes_dense",
        "Hidden nodes",
        "Size of the hidden layer. More can tell more, and learn more by heart.",
    ),
    Setting(
        "activation_dense",
        "Hidden activation",
        "How a node's answer goes on: relu cuts at zero, elu lets a little below it through.",
    ),
)
ADVANCED = (
    Setting(
        "optimizer",
        "Optimizer",
        "How steps are computed: Adam adapts them to each weight, AdamW shrinks the weights as "
        "well, SGD takes plain steps.",
    ),
    Setting(
        "schedule",
        "Rate over time",
        "Cosine starts gently, peaks early and fades out; constant stays as it is.",
    ),
    Setting(
        "weight_decay",
        "Weight decay",
        "Pulls the weights towards zero, which keeps a network from learning by heart. 0 for none.",
    ),
    Setting(
        "dropout",
        "Dropout",
        "Share of the features left out at random in each step, so that none is relied on alone.",
    ),
    Setting(
        "label_smoothing",
        "Label smoothing",
        "How far each label is moved towards the others, where labels may be wrong. 0 for none.",
    ),
    Setting(
        "kernel_initializer",
        "Random start",
        "How the hidden layer's first weights are drawn: evenly from a small range, or normally.",
    ),
    Setting(
        "frozen_blocks",
        "Layers trained",
        "The first blocks see edges, which are the same everywhere: leaving them as they are is "
        "faster, training all fits more closely.",
    ),
    Setting(
        "image_size",
        "Image size",
        "Side of the square that the network sees, in pixels. Larger shows more and is slower.",
    ),
    Setting(
        "patience",
        "Early stopping",
        "Epochs without a better validation AUC before the training ends by itself; 0 for never.",
    ),
    Setting(
        "class_weights",
        "Class weights",
        "Weigh the classes so that each counts the same, however many images it has.",
    ),
    Setting(
        "precision",
        "Precision",
        "16 bits where the device gains by it: many GPUs compute faster so and need less memory.",
    ),
    Setting("device", "Device", "What computes: the GPU where there is one, or the CPU."),
    Setting(
        "fold",
        "Fold",
        "Which fifth of the patients is held out, to set the operating point and to measure.",
    ),
    Setting("seed", "Seed", "Start of the random numbers: the same seed draws the same batches."),
)
