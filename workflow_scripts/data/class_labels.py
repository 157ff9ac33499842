"""Labels as they come (columns, one-hot rows, text, from 1, with gaps) → class numbers from 0."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np


def number_classes(
    labels: Mapping[str, np.ndarray], class_names: Sequence[str] | None = None
) -> tuple[dict[str, np.ndarray], tuple[str, ...], list[str]]:
    """Class numbers, int64 (N,) in 0 … classes − 1, of each array of labels, the names of the classes, and what was
    reinterpreted, a line each.

    `labels`: the arrays that share their classes, by name, the training images' first: (N,), (N, 1), (1, N) or one-hot
    (N, classes), of whole numbers, booleans or text. With `class_names` numbers are positions in it, or from 1 where
    the largest is its length, and text is one of it; without, the labels that occur are the classes, in ascending
    order. ValueError names the array and the remedy where labels mean nothing of this, and without `class_names` where
    a later array has a class that the first has not.
    """
    names = None if class_names is None else _names(np.asarray(class_names))
    notes: list[str] = []
    flat, widths = {}, set()
    for where, given in labels.items():
        flat[where], width = _one_per_image(where, given, notes)
        widths.add(width)
    if len(widths) > 1:
        raise ValueError(f"{' and '.join(labels)} are of different forms: give both one-hot, or both as numbers")
    (width,) = widths
    if width is not None and names is not None and width != len(names):
        raise ValueError(f"{next(iter(labels))} has {width} columns for {len(names)} class names: give one name each")
    kinds = {values.dtype.kind == "U" for values in flat.values()}
    if len(kinds) > 1:
        raise ValueError(f"{' and '.join(labels)} are text and numbers: give all as text, or all as numbers")
    if width is not None:
        return flat, names or tuple(map(str, range(width))), notes
    if names is None:
        return _by_occurrence(flat, notes)
    if kinds == {True}:
        return _by_name(flat, names), names, notes
    return _by_position(flat, names, notes), names, notes


def _names(given: np.ndarray) -> tuple[str, ...]:
    """The names of the classes as text, each once."""
    if given.ndim != 1:
        raise ValueError(f"the class names have shape {given.shape}: give one text per class")
    names = tuple(str(name) for name in (np.char.decode(given, "utf-8") if given.dtype.kind == "S" else given))
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"the class name {twice!r} is given twice: give each class a name of its own")
    return names


def _one_per_image(where: str, given: np.ndarray, notes: list[str]) -> tuple[np.ndarray, int | None]:
    """Labels as int64 or text (N,), and the number of columns of one-hot rows."""
    if given.ndim == 2 and 1 in given.shape:
        notes.append(f"{where}: shape {given.shape} is taken as one label per image")
        given = given.reshape(-1)
    if given.dtype.kind == "S":
        given = np.char.decode(given, "utf-8")
    if given.dtype.kind == "U" and given.ndim == 1:
        return given, None
    if given.dtype.kind not in "iufb" or given.ndim not in (1, 2):
        raise ValueError(f"{where} is {given.dtype} of shape {given.shape}: give one number or text per image")
    if given.ndim == 2:
        wrong = np.flatnonzero(~(((given == 0) | (given == 1)).all(axis=1) & (given == 1).any(axis=1)))
        several = np.flatnonzero((given == 1).sum(axis=1) > 1)
        if len(wrong) or len(several):
            row = np.concatenate([wrong, several])[0]
            raise ValueError(f"{where} has shape {given.shape} and row {row} is not one-hot: give one class per image")
        notes.append(f"{where}: one-hot rows are taken as the classes 0 … {given.shape[1] - 1}")
        return given.argmax(axis=1).astype(np.int64), given.shape[1]
    if given.dtype.kind == "f":
        broken = np.flatnonzero(~(np.isfinite(given) & (given == np.round(given))))
        if len(broken):
            raise ValueError(f"{where} has {given[broken[0]]} for image {broken[0]}: labels must be whole numbers")
        notes.append(f"{where}: {given.dtype} values are taken as whole numbers")
    return given.astype(np.int64), None


def _by_occurrence(flat: dict[str, np.ndarray], notes: list[str]):
    """The labels that occur in the first array are the classes."""
    first, *others = flat
    present = np.unique(flat[first])
    _refuse_negative(flat)
    for where in others:
        unseen = np.setdiff1d(flat[where], present)
        if len(unseen):
            raise ValueError(f"{where} has the class {unseen[0]}, of which {first} has no image: give class_names")
    names = tuple(str(value) for value in present)
    if present.dtype.kind == "U":
        shown = ", ".join(names) if len(names) <= 10 else f"{', '.join(names[:10])}, …"
        notes.append(f"{first}: the {len(names)} texts are taken as the classes in this order: {shown}")
    elif not np.array_equal(present, np.arange(len(present))):
        shown = ", ".join(names) if len(names) <= 10 else f"{', '.join(names[:9])}, … {names[-1]}"
        notes.append(
            f"{first}: the labels {shown} are renumbered 0 … {len(present) - 1}, in this order; with class_names they "
            "keep their numbers"
        )
    return {where: np.searchsorted(present, values) for where, values in flat.items()}, names, notes


def _by_name(flat: dict[str, np.ndarray], names: tuple[str, ...]) -> dict[str, np.ndarray]:
    number = {name: index for index, name in enumerate(names)}
    for where, values in flat.items():
        unknown = sorted(set(values.tolist()) - set(number))
        if unknown:
            raise ValueError(f"{where} has the class {unknown[0]!r}, which is not among the class names")
    return {where: np.array([number[value] for value in values], np.int64) for where, values in flat.items()}


def _by_position(flat: dict[str, np.ndarray], names: tuple[str, ...], notes: list[str]) -> dict[str, np.ndarray]:
    _refuse_negative(flat)
    smallest, largest = (f(f(values) for values in flat.values()) for f in (min, max))
    if smallest >= 1 and largest == len(names):
        notes.append(f"{' and '.join(flat)}: labels from 1 to {len(names)} are taken as the {len(names)} class names")
        flat = {where: values - 1 for where, values in flat.items()}
    elif largest >= len(names):
        where = next(where for where, values in flat.items() if values.max() == largest)
        raise ValueError(f"{where} has the class {largest}, but there are {len(names)} class names: numbers from 0")
    return flat


def _refuse_negative(flat: dict[str, np.ndarray]) -> None:
    for where, values in flat.items():
        if values.dtype.kind == "i" and len(values) and values.min() < 0:
            raise ValueError(f"{where} has the class {values.min()}: number from 0, and leave out unlabelled images")
