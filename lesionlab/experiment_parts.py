"""The parts of an experiment: data, augmentation, network, training, evaluation.

Frozen pydantic models. The defaults of whatever came later mean "not at all", so that an older
file still says what it said.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field, field_validator

from lesionlab.diagnoses import CLASS_SETS

LearningRate = Annotated[float, Field(gt=0, le=1)]
# The widths of MobileNetV2 that ImageNet weights are published for.
ALPHAS = (0.35, 0.5, 0.75, 1.0)


class Part(BaseModel, frozen=True, extra="forbid"):
    """A part of an experiment: cannot be changed in place, and knows all of its keys."""


class DataChoice(Part):
    """Which pictures, in which classes, at most how many of each; and what stands for an unknown
    age: nothing (`keep`) or the mean of the known ones."""

    name: str = "synthetic"
    class_set: Literal["isic9", "isic8", "ham7", "binary"] = "isic8"
    per_class: int | None = Field(None, ge=2)
    missing_age: Literal["keep", "mean"] = "keep"

    @property
    def classes(self) -> tuple[str, ...]:
        return CLASS_SETS[self.class_set]


class Augmentation(Part):
    """Random changes of training pictures. Zero and false mean: not at all.

    `rotation` and `shear` are degrees to either side; `shift`, `zoom` and `cutout` are fractions
    of the picture; `brightness`, `contrast` and `saturation` are the largest relative change and
    `hue` the largest turn of the colour circle, as a fraction of it.
    """

    rotation: float = Field(0, ge=0, le=180)
    shift: float = Field(0, ge=0, le=0.5)
    zoom: float = Field(0, ge=0, le=0.5)
    shear: float = Field(0, ge=0, le=45)
    horizontal_flip: bool = False
    vertical_flip: bool = False
    brightness: float = Field(0, ge=0, le=0.5)
    contrast: float = Field(0, ge=0, le=0.5)
    saturation: float = Field(0, ge=0, le=1)
    hue: float = Field(0, ge=0, le=0.5)
    cutout: float = Field(0, ge=0, le=0.5)
    fill: Literal["nearest", "reflect", "wrap", "constant"] = "nearest"


class Network(Part):
    """The network, where its weights come from, and its new head.

    `weights` is `imagenet`, `random`, or a model of ours to go on from (its name, a run's id or a
    bundle's path). `fallback` says whether random numbers may stand in where ImageNet weights
    cannot be had. `hidden` are the sizes of dense layers before the last one. `batchnorm`:
    `frozen` keeps every batch normalisation as it came, `train` lets those above the frozen
    layers learn.
    """

    network: Literal["small-cnn", "mobilenetv2", "resnet50"] = "mobilenetv2"
    alpha: float = 1.0
    weights: str = "imagenet"
    fallback: Literal["none", "random"] = "none"
    pooling: Literal["avg", "max"] = "avg"
    hidden: tuple[Annotated[int, Field(ge=1, le=4096)], ...] = Field((), max_length=20)
    dropout: float = Field(0, ge=0, lt=1)
    batchnorm: Literal["frozen", "train"] = "train"

    @field_validator("alpha")
    @classmethod
    def _published(cls, alpha: float) -> float:
        if alpha not in ALPHAS:
            raise ValueError(f"expected one of {', '.join(map(str, ALPHAS))}")
        return alpha


class Phase(Part):
    """A stretch of training with its own frozen layers and learning rates.

    `frozen` counts layers of the network from its start that stay as they are: a number, `all`
    (only the head learns), or a negative number (all but the last so many).
    `warmup_epochs`: the rate first rises in a straight line over so many epochs (Goyal et al.
    2017, section 2.2).
    `schedule`: `constant`; `step` multiplies the rate by `step_factor` every `step_epochs`;
    `cosine` lets it fall along half a cosine, from the end of the warm-up to the end of the
    phase, to `final_factor` times itself.
    `clip_norm`: a longer gradient is cut to this length, taken over all that learns at one rate
    (Pascanu et al. 2013, algorithm 1); none means never.
    """

    epochs: int = Field(5, ge=1, le=1000)
    frozen: int | Literal["all"] = 0
    optimizer: Literal["sgd", "adam", "adamw"] = "adam"
    learning_rate: LearningRate = 1e-3
    head_factor: float = Field(1, gt=0, le=1000)
    momentum: float = Field(0.9, ge=0, lt=1)
    nesterov: bool = False
    weight_decay: float = Field(0, ge=0, le=1)
    clip_norm: float | None = Field(None, gt=0, allow_inf_nan=False)
    warmup_epochs: float = Field(0, ge=0, le=1000)
    schedule: Literal["constant", "step", "cosine"] = "constant"
    step_epochs: int = Field(5, ge=1)
    step_factor: float = Field(0.1, gt=0, le=1)
    final_factor: float = Field(0, ge=0, le=1)


class Distillation(Part):
    """Learning from the answers of other models beside the labels (Hinton et al. 2015).

    `teachers` are models of ours (a name, a run's id or a bundle's path); the mean of their
    probabilities is the soft target. `weight` is its share of the loss, `temperature` makes both
    sides of the comparison softer.
    """

    teachers: tuple[Annotated[str, Field(min_length=1)], ...] = Field((), max_length=10)
    weight: float = Field(0.5, gt=0, le=1)
    temperature: float = Field(2, ge=1, le=20)


class Training(Part):
    """How the network learns.

    `class_weights`: how much a picture of a class counts. `max` is the largest class over this
    one, `balanced` is n over (classes times this one), `sqrt` the square root of that.
    `logit_adjustment`: tau of Menon et al. (2021), equation 10: while training, tau times the
    logarithm of each class's share is added to its logit, so that the network itself learns to
    answer as if all classes were equally frequent (tau 1). Use it or class weights, seldom both.
    `label_smoothing`: this share of each label is spread evenly over all classes (Szegedy et al.
    2016, section 7). `mixup` and `cutmix`: the parameter of the Beta distribution from which the
    shares of two blended pictures (Zhang et al. 2018), or of a picture and a piece of another in
    it (Yun et al. 2019), are drawn; with both, each picture gets one of them at random.
    `ema_decay`: the weights that are validated, kept and shipped are an average over the steps,
    in which the older ones fade by this factor a step (Polyak and Juditsky 1992).
    `keep`: the epoch whose weights stay: that of the least validation `loss`, of the best
    `balanced_accuracy` on the validation part, or the `last`. `patience` is how many epochs may
    pass without a better validation loss; none means that every epoch is run.
    """

    batch_size: int = Field(32, ge=1, le=1024)
    class_weights: Literal["none", "balanced", "max", "sqrt"] = "none"
    logit_adjustment: float = Field(0, ge=0, le=5)
    label_smoothing: float = Field(0, ge=0, lt=1)
    mixup: float = Field(0, ge=0, le=10)
    cutmix: float = Field(0, ge=0, le=10)
    ema_decay: float = Field(0, ge=0, lt=1)
    keep: Literal["loss", "balanced_accuracy", "last"] = "loss"
    patience: int | None = Field(None, ge=1)
    deterministic: bool = False
    distillation: Distillation = Distillation()
    phases: tuple[Phase, ...] = Field((Phase(),), min_length=1, max_length=10)

    @property
    def epochs(self) -> int:
        """Epochs of all phases together."""
        return sum(phase.epochs for phase in self.phases)


class Evaluation(Part):
    """`target_sensitivity`: the thresholds for cancer are set to find this share of cases.

    `test_time`: how many changed copies of a picture are judged, whose answers are averaged:
    `none`, `flips` (as it is, mirrored to the side, upside down, and both) or `dihedral` (these
    and the same turned by 90 degrees).
    """

    target_sensitivity: float = Field(0.9, gt=0, lt=1)
    test_time: Literal["none", "flips", "dihedral"] = "none"
