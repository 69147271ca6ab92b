"""Counts by what is known of each picture, any two of them crossed, and what is missing."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import streamlit as st

from lesionlab.app import controls, theme
from lesionlab.app.data import unknown
from lesionlab.app.data.naming import column_name
from lesionlab.app.desk import Desk
from lesionlab.app.model_words import literal

if TYPE_CHECKING:
    import pandas as pd
    from plotly.graph_objects import Figure

    from lesionlab.data.crossing import Grouping
    from lesionlab.data.dataset import Dataset

ALONE = "nothing: count one thing alone"


def show(desk: Desk, found: Dataset) -> None:
    """The section of the page."""
    st.subheader("Who is in these pictures", anchor=False)
    st.markdown(
        "A network learns whatever goes along with a class: a place on the body, an age, a camera. "
        "Look here for what goes along, before the network finds it."
    )
    count_them(unknown.as_experiment(found, desk.draft.data.missing_age))
    st.subheader("What is not known", anchor=False)
    unknown.show(desk, found)


def count_them(found: Dataset) -> None:
    """One column counted, or two crossed."""
    columns = countable(found)
    left, right, third = st.columns([3, 3, 2], vertical_alignment="bottom")
    with left:
        first = st.selectbox(
            "Count the pictures by",
            columns,
            index=columns.index("site") if "site" in columns else 0,
            format_func=column_name,
            key=f"crossed-first-{found.name}",
            persist_state="session",
        )
    others = [ALONE, *(name for name in columns if name != first)]
    key = f"crossed-second-{found.name}"
    if st.session_state.get(key, ALONE) not in others:
        st.session_state[key] = ALONE
    with right:
        second = st.selectbox(
            "and split them by",
            others,
            index=others.index("diagnosis") if "diagnosis" in others else 0,
            format_func=column_name,
            key=key,
            persist_state="session",
        )
    years = 10
    with third:
        if "age" in (first, second):
            years = st.segmented_control(
                "Years of age together",
                [5, 10],
                default=10,
                required=True,
                key="crossed-years",
                persist_state="session",
            )
    if second == ALONE:
        _alone(found, first, years)
    else:
        _together(found, first, second, years)


def _alone(found: Dataset, column: str, years: int) -> None:
    counts = value_counts(found, column, years)
    words = [f"{_plain(name, column)} {number:,}" for name, number in counts.items()]
    title = column_name(column)
    controls.figure(
        alone_figure(found, column, years),
        alt=f"Bars of pictures by {title.lower()}: {'; '.join(words)}",
        caption=f"{len(found):,} pictures by {title.lower()}.",
    )


def _together(found: Dataset, first: str, second: str, years: int) -> None:
    left, right = st.columns(2, vertical_alignment="bottom")
    with left:
        kind = st.segmented_control(
            "Drawn as",
            ["Bars", "Table"],
            default="Bars",
            required=True,
            key="crossed-kind",
            persist_state="session",
        )
    with right:
        unit = st.segmented_control(
            "Numbers",
            ["Pictures", "Shares"],
            default="Pictures",
            required=True,
            key="crossed-unit",
            persist_state="session",
            help="Shares: each bar, or each row of the table, is 100 per cent.",
        )
    table = crossed_counts(found, first, second, years)
    words = [f"{_plain(name, first)} {number:,}" for name, number in table.sum(axis=1).items()]
    one, two = column_name(first), column_name(second)
    controls.figure(
        crossed_figure(found, first, second, years, kind == "Table", unit == "Shares"),
        alt=f"{'Table' if kind == 'Table' else 'Stacked bars'} of pictures by {one.lower()}, split "
        f"by {two.lower()}. By {one.lower()}: {'; '.join(words)}",
        caption=_caption(table, first, second, unit == "Shares"),
    )


def _caption(table: pd.DataFrame, first: str, second: str, shares: bool) -> str:
    from lesionlab.data.crossing import OTHERS

    share = table.div(table.sum(axis=1).clip(lower=1), axis=0)
    enough = share[table.sum(axis=1) >= max(20, 0.01 * table.to_numpy().sum())]
    named = enough.drop(columns=[OTHERS], errors="ignore")
    unit = "per cent of the bar or row" if shares else "pictures"
    words = f"Numbers are {unit}; pointing at a piece gives both."
    if len(named) > 1 and len(named.columns) > 1:
        column = (named.max() - named.min()).idxmax()
        most, least = named[column].idxmax(), named[column].idxmin()
        words += (
            f" The largest difference: {_plain(column, second)} makes up "
            f"{named.loc[most, column]:.0%} where {column_name(first).lower()} is "
            f"{_plain(most, first)}, and {named.loc[least, column]:.0%} where it is "
            f"{_plain(least, first)}."
        )
    return words


def _plain(value: object, column: str) -> str:
    from lesionlab.app.data_charts import value_name

    return literal(value_name(str(value), column == "diagnosis"))


# Keyed by the opened data set itself, like app.caches.
@lru_cache(maxsize=8)
def countable(found: Dataset) -> list[str]:
    """The columns that pictures can be counted by."""
    from lesionlab.data import crossing

    return crossing.countable(found.table)


@lru_cache(maxsize=32)
def grouping(found: Dataset, column: str, years: int) -> Grouping:
    """Which value of a column each picture has."""
    from lesionlab.data import crossing

    return crossing.group_by(found.table, column, years)


@lru_cache(maxsize=64)
def value_counts(found: Dataset, column: str, years: int) -> pd.Series:
    """How many pictures have each value of a column."""
    from lesionlab.data import crossing

    return crossing.count(grouping(found, column, years))


@lru_cache(maxsize=64)
def crossed_counts(found: Dataset, first: str, second: str, years: int) -> pd.DataFrame:
    """How many pictures have each pair of values."""
    from lesionlab.data import crossing

    return crossing.cross(grouping(found, first, years), grouping(found, second, years))


@lru_cache(maxsize=64)
def alone_figure(found: Dataset, column: str, years: int) -> Figure:
    """The bars of one column."""
    from lesionlab.app import data_charts

    counts, classes = value_counts(found, column, years), column == "diagnosis"
    plain = [theme.ACCENT if name != "not known" else theme.QUIET for name in counts.index]
    colours = data_charts.value_colours(list(counts.index), classes) if classes else plain
    return data_charts.value_bars(counts, column_name(column), colours, classes)


@lru_cache(maxsize=64)
def crossed_figure(
    found: Dataset, first: str, second: str, years: int, table: bool, shares: bool
) -> Figure:
    """Two columns as stacked bars or as a table."""
    from lesionlab.app import data_charts
    from lesionlab.data import crossing

    counts = crossed_counts(found, first, second, years)
    if not table and second != "diagnosis":
        counts = crossing.few_columns(counts, data_charts.MOST_COLOURS)
    colours = data_charts.value_colours(list(counts.columns), second == "diagnosis")
    named = counts.set_axis(data_charts.labels(counts.index, first == "diagnosis"), axis=0)
    named = named.set_axis(data_charts.labels(counts.columns, second == "diagnosis"), axis=1)
    titles = (column_name(first), column_name(second))
    if table:
        return data_charts.heat_map(named, titles, shares)
    return data_charts.crossed_bars(named, titles, colours, shares)
