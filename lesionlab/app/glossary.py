"""Each term once, in words for people without mathematics. Facts only."""

from __future__ import annotations

TERMS: dict[str, str] = {
    "accuracy": "The share of pictures that were named rightly. Easily fooled: where most moles "
    "are harmless, calling everything harmless scores high.",
    "augmentation": "Small random changes of training pictures, such as turning them, so that the "
    "network meets each lesion in many guises.",
    "AUC": "The area under the ROC curve. 1 is perfect, 0.5 is guessing. It is the chance that a "
    "picture of the class gets a higher score than one that is not.",
    "averaged weights": "The mean of the network's weights over its last steps, the newest "
    "counting most. Each step jumps about a little; the average does not, and often answers "
    "better.",
    "backbone": "The large first piece of a network. It turns a picture into a list of features.",
    "balanced accuracy": "The share named rightly in each class, averaged over the classes: a "
    "rare class counts as much as a frequent one.",
    "batch": "The handful of pictures that the network sees before it changes its weights once.",
    "calibration": "Setting the probabilities right, so that of all answers with 70 %, about 70 of "
    "100 are true.",
    "channel": "One layer of a picture or of a feature map. A photograph has three: red, green and "
    "blue.",
    "class": "A kind of lesion that the network can name, such as melanoma.",
    "confusion matrix": "A table: a row for what a picture is, a column for what the network said. "
    "Right answers stand on the diagonal.",
    "convolution": "Sliding a small window of numbers over a picture, and writing down at each "
    "place how well the picture fits the window.",
    "CutMix": "A piece of one training picture is pasted into another, and the answer wanted is "
    "that much of each. The network learns to look at the whole lesion, not at one sign.",
    "dermoscopy": "Looking at skin through a magnifier with polarised light, which shows what "
    "lies below the surface.",
    "distillation": "A network learns what other networks, its teachers, answer, beside the "
    "labels. A small one can come close to several large ones in this way.",
    "drawn picture": "A picture made by a program from textbook signs. Good for learning how "
    "networks work; it says nothing about real skin.",
    "early stopping": "Ending the training when the validation loss has not become better for some "
    "epochs.",
    "epoch": "One round in which the network has seen every training picture once.",
    "experiment": "Everything that decides a training, in one file: data, network, learning rates.",
    "feature map": "What one kernel of one layer answered at each place of the picture.",
    "freezing": "Leaving layers as they are while others learn. The first layers see edges and "
    "colours, which are the same everywhere.",
    "gradient clipping": "Shortening a step that would be unusually long, so that one odd batch "
    "cannot throw the network off its course.",
    "group": "Pictures that belong together, of one lesion or one patient. They stay in one part, "
    "or the test would be too easy.",
    "head": "The last piece of a network. It turns features into one probability for each class.",
    "heat map": "A picture of which places spoke for the answer.",
    "kernel": "The small window of numbers of a convolution. A trained network finds its own.",
    "label": "The right answer that comes with a picture.",
    "label smoothing": "Asking the network for nearly all of the right class and a little of "
    "every other, so that it does not become surer than it can be.",
    "layer": "One step of a network: numbers go in, other numbers come out.",
    "learning rate": "How large a step the weights take after each batch. Too large and learning "
    "jumps about, too small and it takes for ever.",
    "logit adjustment": "While learning, rare classes are made harder to reach, by as much as "
    "they are rare. To answer rightly all the same, the network must give them more room.",
    "loss": "One number for how wrong the network was, and how sure. Training makes it small.",
    "mixup": "Two training pictures are laid over each other, and the answer wanted is that much "
    "of each. The network learns to answer in between where a picture is in between.",
    "optimizer": "The rule that turns errors into changes of the weights, such as SGD or Adam.",
    "overfitting": "Learning by heart: the training gets better and the validation gets worse.",
    "parameter": "One number that the network can change while it learns; also called a weight.",
    "precursor": "A change of the skin that is no cancer yet and can become one.",
    "pretrained": "Having learned before on other pictures, mostly on the million photographs of "
    "ImageNet.",
    "probability": "How sure the network is, from 0 to 1; over all classes they sum to 1.",
    "ROC curve": "A line that shows, for every threshold, how many cases are found and how many "
    "false alarms that costs.",
    "run": "One training with all that came out of it.",
    "sensitivity": "Of all pictures that are of the class, the share that was found.",
    "specificity": "Of all pictures that are not of the class, the share that was left alone.",
    "split": "Dealing the pictures into a training, a validation and a test part.",
    "test part": "Pictures that are kept away until the end, for an honest mark.",
    "temperature": "A number that makes probabilities softer (above 1) or sharper (below 1); "
    "their order stays as it is.",
    "test-time augmentation": "Judging mirrored or turned copies of a picture beside it, and "
    "taking the mean answer. A lesion is the same whichever way it is held.",
    "threshold": "The probability from which on we say yes.",
    "training part": "The pictures that the network learns from.",
    "warm-up": "Beginning with tiny steps that grow to the full learning rate. A new head gives "
    "large errors at first, which would shake what the layers before it know.",
    "validation part": "Pictures that the network does not learn from; they show during training "
    "whether it still gets better.",
}


def term(word: str) -> str:
    """What a term means, for a tooltip.

    Raises:
        KeyError: The glossary has no such term.
    """
    return TERMS[word]
