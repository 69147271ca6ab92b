"""What is known of each network before it is built: facts only, without Keras.

The parameter counts let a bundle be refused by its size before anything is built from it; a test
compares them with the real networks.
"""

from __future__ import annotations

from dataclasses import dataclass

from lesionlab.experiment import Network

MAX_PARAMETERS = 200_000_000
MAX_SIDE = 1024
_KERAS_APPLICATIONS = "https://storage.googleapis.com/tensorflow/keras-applications"


@dataclass(frozen=True)
class NetworkFacts:
    """One network.

    Attributes:
        title: What pages call it.
        plain: One sentence for people who never met it.
        citation: Where it was published.
        size: Height and width that it was published with, in pixels.
        min_size: Smallest height or width that it can take.
        features: Channels of its last feature maps, the numbers that the head sees a picture as.
        parameters: Parameters of the backbone, a number for each alpha it has.
        has_imagenet: Whether ImageNet weights are published.
    """

    title: str
    plain: str
    citation: str
    size: tuple[int, int]
    min_size: int
    features: int
    parameters: dict[float, int]
    has_imagenet: bool


NETWORKS: dict[str, NetworkFacts] = {
    "small-cnn": NetworkFacts(
        title="Small network",
        plain="Five convolution blocks that learn from random numbers, quick to train and to read.",
        citation="lesionlab",
        size=(128, 128),
        min_size=16,
        features=192,
        parameters={1.0: 386_216},
        has_imagenet=False,
    ),
    "mobilenetv2": NetworkFacts(
        title="MobileNetV2",
        plain="A network made for telephones: little to compute, good on photographs.",
        citation="Sandler et al. (2018), MobileNetV2: Inverted Residuals and Linear Bottlenecks",
        size=(224, 224),
        min_size=32,
        features=1280,
        parameters={0.35: 410_208, 0.5: 706_224, 0.75: 1_382_064, 1.0: 2_257_984},
        has_imagenet=True,
    ),
    "resnet50": NetworkFacts(
        title="ResNet-50",
        plain="Fifty layers with short cuts past them, the work horse of medical imaging papers.",
        citation="He et al. (2016), Deep Residual Learning for Image Recognition",
        size=(224, 224),
        min_size=32,
        features=2048,
        parameters={1.0: 23_587_712},
        has_imagenet=True,
    ),
}


def backbone_parameters(network: Network) -> int:
    """Parameters before the head, BatchNorm's statistics included."""
    parameters = NETWORKS[network.network].parameters
    # alpha is MobileNet's width; the other networks have one width and pass over it.
    return parameters.get(network.alpha, parameters[1.0])


def num_parameters(network: Network, num_classes: int) -> int:
    """Parameters of the whole network, worked out without building it."""
    total = backbone_parameters(network)
    inputs = NETWORKS[network.network].features
    for units in (*network.hidden, num_classes):
        total += (inputs + 1) * units
        inputs = units
    return total


def imagenet_file_names(network: Network, size: tuple[int, int]) -> tuple[str, ...]:
    """File names (glob patterns) of published ImageNet weights, the best fitting first.

    MobileNetV2 was published for several square sizes; the others fit as well, since the weights
    of a convolution do not depend on the size of the picture.
    """
    if network.network == "resnet50":
        return ("resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5", "resnet50*no*top*.h5")
    if network.network != "mobilenetv2":
        return ()
    published = (224, 192, 160, 128, 96)
    sides = (max(size), *published) if max(size) in published else published
    stem = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels"
    names = [f"{stem}_{network.alpha}_{side}_no_top.h5" for side in dict.fromkeys(sides)]
    return (*names, f"mobilenet_v2_{network.alpha}_*no_top*.h5")


def imagenet_address(network: Network, size: tuple[int, int]) -> tuple[str, str | None]:
    """Where Keras publishes the ImageNet weights, and their MD5 where Keras gives one."""
    name = imagenet_file_names(network, size)[0]
    if network.network == "resnet50":
        return f"{_KERAS_APPLICATIONS}/resnet/{name}", "4d473c1dd8becc155b73f8504c6f6626"
    return f"{_KERAS_APPLICATIONS}/mobilenet_v2/{name}", None
