"""Parts of the Evaluation page: key numbers, the threshold, mistakes, downloads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from lesionlab.app import caches, controls, pictures, results, theme
from lesionlab.app.desk import Desk
from lesionlab.app.evaluations import Evaluated, of_another_desk
from lesionlab.app.glossary import term
from lesionlab.errors import LesionlabError

if TYPE_CHECKING:
    import pandas as pd

WORST = 12


def key_numbers(report: dict[str, Any]) -> None:
    """Accuracy, balanced accuracy and mean AUC, each with what it means."""
    from lesionlab.evaluation.metrics import guessing

    low, high = report.get("accuracy_interval") or (None, None)
    spread = (
        f"With {report['n']:,} pictures, likely between {low:.0%} and {high:.0%}." if low else ""
    )
    accuracy, balanced, area = st.columns(3)
    with accuracy, st.container(border=True, height="stretch"):
        st.metric("Accuracy", percent(report["accuracy"]), help=term("accuracy"))
        st.caption(f"Share of all pictures answered right. {spread}")
    with balanced, st.container(border=True, height="stretch"):
        st.metric(
            "Balanced accuracy",
            percent(report["balanced_accuracy"]),
            help=term("balanced accuracy"),
        )
        low, high = report.get("balanced_accuracy_interval") or (None, None)
        spread = "" if low is None else f" Likely between {low:.0%} and {high:.0%}."
        blind = f"Blind guessing reaches {guessing(report):.0%}."
        st.caption(f"Every class counts the same. {blind}{spread}")
    with area, st.container(border=True, height="stretch"):
        value = report["macro_auc"]
        st.metric("Mean AUC", "unknown" if value is None else f"{value:.2f}", help=term("AUC"))
        low, high = report.get("macro_auc_interval") or (None, None)
        spread = "" if low is None else f" Likely between {low:.2f} and {high:.2f}."
        st.caption(
            "How well it puts each class before the others. 1 is perfect, 0.5 is guessing." + spread
        )


def percent(share: float | None) -> str:
    return "unknown" if share is None else f"{share:.0%}"


def confusion(report: dict[str, Any]) -> None:
    """The confusion matrix in counts or percent, and its worst confusion in words."""
    shown = st.segmented_control(
        "Show",
        ["counts", "percent"],
        default="counts",
        required=True,
        format_func=lambda unit: {"counts": "Counts", "percent": "Percent of the row"}[unit],
        key="confusion-unit",
        persist_state="session",
        label_visibility="collapsed",
    )
    words = results.worst_confusion(report["confusion"], report["classes"])
    controls.figure(
        results.confusion_figure(report["confusion"], report["classes"], shown == "percent"),
        alt=f"Confusion matrix. {words}",
        caption=f"A row is what the pictures are, a column what the model said; right answers lie "
        f"on the diagonal. {words}",
        key="confusion",
    )


def roc(found: Evaluated) -> None:
    """The ROC curves of all classes."""
    areas = {code: found.report["per_class"][code]["auc"] for code in found.classes}
    listed = ", ".join(f"{theme.short_name(c)} {a:.2f}" for c, a in areas.items() if a is not None)
    controls.figure(
        results.roc_figure(found.labels, found.probabilities, found.classes),
        alt=f"ROC curves, one a class. Areas: {listed}.",
        caption="Each point is a threshold: how many cases it finds (up) for how many false "
        "alarms (right). The nearer to the upper left corner, the better. The number in the "
        "legend is the area below the curve (AUC).",
        key="roc",
    )


def class_table(report: dict[str, Any]) -> None:
    """Sensitivity, specificity, precision and AUC of each class."""
    share = {
        name: st.column_config.NumberColumn(format="%.0f %%", help=help_text)
        for name, help_text in (
            ("Sensitivity", term("sensitivity")),
            ("Specificity", term("specificity")),
            ("Precision", "Of all pictures that it called so, the share that were so."),
        )
    }
    auc = st.column_config.NumberColumn(format="%.2f", help=term("AUC"))
    table = results.class_table(report)
    table[list(share)] *= 100
    st.dataframe(
        table,
        hide_index=True,
        column_config={**share, "AUC": auc},
        alt="A row a class: pictures, sensitivity, specificity, precision and AUC.",
        placeholder="–",
    )


@st.fragment
def threshold(found: Evaluated, start: float, marker: str) -> None:
    """The slider from which probability on a picture is called suspicious, and what it costs.

    Args:
        start: The model's own threshold, 0 to 1.
        marker: Another one puts the slider back to `start`.
    """
    both = results.suspicion(found.labels, found.probabilities, found.classes)
    if both is None:
        st.markdown(
            "This model has no class that is cancer, so there is nothing to raise alarm on."
        )
        return
    truth, score = both
    value = st.slider(
        "Call it suspicious from this probability on, in percent",
        0,
        100,
        key=controls.bind_once("threshold", round(100 * start), marker),
    )
    counts = results.threshold_counts(truth, score, value / 100)
    cases, harmless = int(truth.sum()), int((~truth).sum())
    left, right = st.columns(2)
    with left, st.container(border=True):
        found_share = percent(counts["found"] / cases if cases else None)
        st.metric("Sensitivity", found_share, help=term("sensitivity"))
        st.caption(
            f"Finds **{counts['found']} of {cases}** cancers or precursors and misses "
            f"**{counts['missed']}**."
        )
    with right, st.container(border=True):
        spared = percent(counts["spared"] / harmless if harmless else None)
        st.metric("Specificity", spared, help=term("specificity"))
        st.caption(
            f"Leaves **{counts['spared']} of {harmless}** harmless ones alone and raises "
            f"**{counts['false_alarms']}** false alarms."
        )
    controls.figure(
        results.threshold_figure(truth, score, value / 100),
        alt=f"How suspicious harmless pictures and cases look to the model; the threshold stands "
        f"at {value} percent. It finds {counts['found']} of {cases} cases and raises "
        f"{counts['false_alarms']} false alarms.",
        caption="Everything right of the dashed line is called suspicious. Move it left: fewer "
        "cancers are missed and more harmless moles raise an alarm. No place is right in itself.",
        key="threshold-figure",
    )


def calibration(found: Evaluated) -> None:
    """Whether the model is as often right as it is sure."""
    table = results.calibration_table(found.labels, found.probabilities)
    error = found.report.get("ece")
    words = f"On average it is {error:.0%} off. " if error is not None else ""
    controls.figure(
        results.calibration_figure(table),
        alt=f"How often it is right against how sure it is. {words}",
        caption=f"{words}A point below the line: surer than it should be. {term('calibration')}",
        key="calibration",
    )


def mistakes(found: Evaluated, desk: Desk) -> None:
    """The wrong answers that the model was surest of, as thumbnails."""
    if found.predictions is None:
        return
    worst = results.worst_mistakes(found.predictions, WORST)
    if worst.empty:
        st.markdown("It made no mistake on these pictures.")
        return
    try:
        data = caches.dataset(str(found.report["data"]), desk.id)
    except LesionlabError:
        names = ", ".join(
            f"{theme.class_name(str(row.truth))} called "
            f"{theme.class_name(str(row.predicted))} with {row.confidence:.0%}"
            for row in worst.head(3).itertuples()
        )
        st.markdown(
            f"The surest wrong answers: {names}. The pictures themselves are not here: they "
            "did not come with the model, or their data set is gone."
        )
        return
    tiles = []
    for row in worst.itertuples():
        place = caches.row_of(data, str(row.image_id))
        # The predictions of a model that somebody brought in may name any path of the server.
        if place is None or str(data.table["path"].iat[place]) != str(row.path):
            continue
        path = data.image_path(place)
        if not path.is_file():
            continue
        truth, said = theme.short_name(str(row.truth)), theme.short_name(str(row.predicted))
        tiles.append(
            pictures.Tile(
                caches.thumbnail(str(path)),
                f"Picture {row.image_id}: {theme.class_name(str(row.truth))}, called "
                f"{theme.class_name(str(row.predicted))} with {row.confidence:.0%}",
                f"{truth} → {said} {row.confidence:.0%}",
                theme.class_colour(str(row.truth)),
            )
        )
    st.html(pictures.grid_html(tiles))
    what = "Drawn pictures" if data.drawn else "Pictures"
    st.caption(
        f"{what} with wrong answers, the surest first: truth → answer. The dot has the colour of "
        "the true class."
    )


def download(found: Evaluated, reference: str, desk: Desk) -> None:
    """The predictions as a CSV file."""
    table = to_take_away(found, reference, desk)
    if table is None:
        return
    st.download_button(
        "Download the predictions (CSV)",
        data=lambda: table.to_csv(index=False).encode(),
        file_name=f"predictions-{reference}.csv",
        mime="text/csv",
        icon=":material/download:",
        key="download-predictions",
        on_click="ignore",
    )


def to_take_away(found: Evaluated, reference: str, desk: Desk) -> pd.DataFrame | None:
    """The predictions of a model; of another desk's photographs without their names.

    Whoever has a run's link may look at it. What the pictures are called stays where they are, as
    it does when a model is handed on.
    """
    table = found.predictions
    if table is None or not of_another_desk(reference, desk) or caches.result(reference).drawn:
        return table
    return table.drop(columns=["image_id", "path"])
