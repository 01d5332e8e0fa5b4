"""Code lists: the numbers and words the platform uses, with the names people use for them."""

import re
from collections.abc import Callable, Mapping
from functools import cache, cached_property
from typing import Any, NamedTuple

from hpcli.reference.choices import refuse_word
from hpcli.reference.data import read_text

# The folded form of JSON null; a blank cannot be in any other.
_PANEL = 3
_AX_PRO = frozenset({3, 10})
"""`deviceSubCategory` of AX Pro and AX Hybrid Pro (§3.21)."""
_OTHER_PANELS = frozenset({4, 5, 6, 7, 8})
"""AX Hub, AX Hybrid, panic alarm stations."""
_RECORDER = 2
_DVR = 2
"""`deviceSubCategory` of a DVR (§3.21)."""
_NULL = " null"


class Code(NamedTuple):
    """One code of a list.

    `value` is what goes over the wire (None is JSON null), `name` the word for options, `label` the word for
    tables, `meaning` a short explanation. `parent` is the code that has to go along
    with it (Guide §3.40). `aliases` are further words for it, those of the vendor.
    """

    value: int | str | None
    name: str
    label: str
    meaning: str
    parent: int | None = None
    aliases: tuple[str, ...] = ()


class CodeList:
    """All codes of one kind; `name` is its key in codes.json."""

    def __init__(self, name: str, codes: tuple[Code, ...]) -> None:
        self.name = name
        self.codes = codes

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The words for options, in the order of the list."""
        return tuple(code.name for code in self.codes)

    @cached_property
    def _by_word(self) -> dict[str, Code]:
        words: dict[str, Code] = {}
        # A value wins over a name and a name over a label, should they ever be spelt alike.
        for spelling in ("value", "name", "label"):
            for code in self.codes:
                if code.value is not None:
                    words.setdefault(_fold(getattr(code, spelling)), code)
        for code in self.codes:
            for alias in code.aliases:
                words.setdefault(_fold(alias), code)
        return words

    @cached_property
    def _by_value(self) -> dict[str, Code]:
        return {_fold(code.value): code for code in self.codes}

    def value_of(self, text: str) -> int | str:
        """Return the wire value of a name, a label, an alias or a value, in any case, blanks, `-` and `_`.

        Raises:
            UsageError: the list has no such code; the hint names the valid ones.
        """
        code = self.named(text)
        if code is None or code.value is None:
            raise refuse_word(text, [c.name for c in self.codes if c.value is not None])
        return code.value

    def named(self, text: str) -> Code | None:
        """Return the code of a name, a label, an alias or a value, as `value_of` reads it; None if there is none."""
        return self._by_word.get(_fold(text))

    def find(self, value: object) -> Code | None:
        """Return the code of a wire value in any form (`1`, `"1"`, `" normal "`, `True`), None if unknown."""
        if isinstance(value, bool):
            return self._by_value.get(str(value).casefold()) or self._by_value.get(str(int(value)))
        return self._by_value.get(_fold(value))

    def label(self, value: object) -> str:
        """Return the word tables print for a wire value: `Online`, `unknown (17)`, "" for nothing."""
        code = self.find(value)
        if code is not None:
            return code.label
        return "" if value is None or value == "" else f"unknown ({value})"


def _fold(value: object) -> str:
    """Return the form in which spellings of one code are equal: `Not Enabled`, `notEnabled`, `not-enabled`.

    Numbers keep their sign, `07` is `7`. No code is longer than Python reads digits (`sys.set_int_max_str_digits`).
    """
    if value is None:
        return _NULL
    text = str(value).strip()
    if re.fullmatch(r"-?\d{1,30}", text):
        return str(int(text))
    return re.sub(r"[\s_-]", "", text).casefold()


@cache
def _lists() -> dict[str, dict[str, Any]]:
    import json

    lists: dict[str, dict[str, Any]] = json.loads(read_text("codes.json"))
    return lists


def code_list_names() -> tuple[str, ...]:
    """Return the names of all code lists."""
    return tuple(_lists())


@cache
def code_list(name: str) -> CodeList:
    """Return the code list `name`, a key of codes.json such as `deviceCategory`.

    Raises:
        KeyError: there is no such list; a mistake in the program, not of the user.
    """
    return CodeList(
        name,
        tuple(
            Code(
                row["value"],
                row["name"],
                row["label"],
                row["meaning"],
                row.get("parent"),
                tuple(row.get("aliases") or ()),
            )
            for row in _lists()[name]["codes"]
        ),
    )


def is_ax_pro(category: int, sub_category: int) -> bool | None:
    """Return whether a device is a panel of the AX Pro series, whose permissions have a form of their own (§3.11).

    Returns:
        None for a panel of which the platform does not say what it is.
    """
    if category != _PANEL:
        return False
    return True if sub_category in _AX_PRO else False if sub_category in _OTHER_PANELS else None


@cache
def shareable_permissions(category: int, sub_category: int = 0) -> CodeList:
    """Return the permissions an end user may get on a device (Guide §3.11).

    Panels of the AX Pro series, and those of which that is not known, have a list of their own, a switch (11)
    has none. Devices that the guide says nothing about, such as other panels, give every permission of the
    common list.
    """
    if is_ax_pro(category, sub_category) is not False:
        return code_list("ax2Permission")
    common = code_list("permission")
    for kind in _lists()["permissionByDevice"]["codes"]:
        if category in kind["categories"]:
            return CodeList(
                f"permission/{kind['value']}", tuple(c for c in common.codes if c.value in kind["includes"])
            )
    return common


@cache
def shown_categories() -> CodeList:
    """Return the categories of devices as tables show them: the platform counts DVRs among the NVRs (§3.21)."""
    dvr = next(code for code in code_list("deviceSubCategory").codes if code.value == _DVR)
    codes: list[Code] = []
    for code in code_list("deviceCategory").codes:
        codes += [code, dvr._replace(value=dvr.name)] if code.value == _RECORDER else [code]
    return CodeList("shownCategory", tuple(codes))


def shown_category(row: Mapping[str, Any]) -> Code | None:
    """Return the category of a device as tables show it, None for one that is not known."""
    code = shown_categories().find(row.get("deviceCategory"))
    is_dvr = code is not None and code.value == _RECORDER and str(row.get("deviceSubCategory")) == str(_DVR)
    return shown_categories().named("dvr") if is_dvr else code


def category_label(row: Mapping[str, Any]) -> str:
    """Return the word for the category of a device; a DVR has the category of an NVR, and one of its own below that."""
    code = shown_category(row)
    return code_list("deviceCategory").label(row.get("deviceCategory")) if code is None else code.label


def in_category(text: str) -> Callable[[Mapping[str, Any]], bool]:
    """Return what tells the devices of a category of the platform, of which that of NVRs holds the DVRs too.

    `dvr` means those alone, as tables show them.

    Raises:
        UsageError: there is no such category.
    """
    wanted = shown_categories().named(text)
    if wanted is None:
        raise refuse_word(text, shown_categories().names)
    if wanted.name == "dvr":
        return lambda row: shown_category(row) is wanted
    return lambda row: code_list("deviceCategory").find(row.get("deviceCategory")) == wanted
