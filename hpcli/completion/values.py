"""The values of options and arguments: from the guide's lists, profiles, files and the account."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from hpcli.completion.tree import Candidate, Question, load_tree
from hpcli.names import folded

_FILES, _DIRECTORIES = (":files", ""), (":directories", "")
MARKERS = (_FILES, _DIRECTORIES)
"""Leave the word to the shell."""


def list_candidates(question: Question, environment: Mapping[str, str], *, by_name: bool) -> list[Candidate]:
    """Return the candidates for the word to complete.

    Args:
        question: the meaning of the word.
        environment: environment variables.
        by_name: the shell keeps only candidates that begin with the typed word, so if that is the name of a site,
            the candidate is its name, not its id.
    """
    typed = question.typed
    if question.fixed:
        return _clean(pair for pair in question.fixed if pair[0].startswith(typed))
    if question.source in ("files", "directories") or typed.startswith("@"):
        return [_DIRECTORIES if question.source == "directories" else _FILES]
    offered = list(_offer(question, environment))
    head = ""
    if question.several and "," in typed:
        head, comma, typed = typed.rpartition(",")
        taken = set(head.split(","))
        head += comma
        offered = [pair for pair in offered if pair[0] not in taken]
    found = match_candidates(offered, typed, by_name=by_name and question.source == "site")
    return _clean((question.prefix + head + value, description) for value, description in found)


def match_candidates(offered: list[Candidate], typed: str, *, by_name: bool = False) -> list[Candidate]:
    """Return the candidates whose value begins with the typed word, else those whose description contains it.

    The description of a site or device is its name, so typing the name completes to the id.
    """
    wanted = folded(typed)
    found = [pair for pair in offered if folded(pair[0]).startswith(wanted)]
    if found or not wanted:
        return found
    named = [pair for pair in offered if _has_word(pair[1], wanted)]
    return [(name, value) for value, name in named] if by_name else named


def _has_word(description: str, wanted: str) -> bool:
    name = folded(description)
    return name.startswith(wanted) or f" {wanted}" in name


def _offer(question: Question, environment: Mapping[str, str]) -> Iterable[Candidate]:
    kind, _, name = question.source.partition(":")
    if kind == "list":
        return [(value, description) for value, description in load_tree()["lists"][name]]
    source = SOURCES.get(question.source)
    return source(question, environment) if source else ()


def _profiles(_question: Question, environment: Mapping[str, str]) -> Iterator[Candidate]:
    from hpcli.run.settings import SANDBOX, Settings

    yield SANDBOX, "the bundled stand-in platform"
    profiles = Settings(environment).profiles
    for name in profiles.names():
        yield name, profiles.get(name).base_url.removeprefix("https://")


def _config_keys(_question: Question, _environment: Mapping[str, str]) -> Iterator[Candidate]:
    from hpcli.run.settings import SETTINGS

    for setting in SETTINGS.values():
        if setting.in_config:
            yield setting.key, setting.help


def _config_values(question: Question, _environment: Mapping[str, str]) -> Iterator[Candidate]:
    from hpcli.run.settings import SETTINGS

    setting = SETTINGS.get(question.arguments[0]) if question.arguments else None
    if setting is not None:
        for choice in ("true", "false") if setting.is_switch else (*setting.choices, *setting.flag_choices):
            yield choice, ""


def _outputs(_question: Question, environment: Mapping[str, str]) -> Iterator[Candidate]:
    from hpcli.alarms.forward.config import ForwardFile
    from hpcli.alarms.forward.kind import read_address
    from hpcli.errors import UsageError
    from hpcli.run.settings import Settings

    for name, table in ForwardFile(Settings(environment).config_dir).tables().items():
        to = table.get("to") if isinstance(table, dict) else None
        first = str(to[0] if isinstance(to, list) and to else to or "")
        try:
            yield name, read_address(first).short  # the rest may hold a token
        except UsageError:
            yield name, ""


def _of_account(kind: str) -> Callable[[Question, Mapping[str, str]], Iterable[Candidate]]:
    def offer(question: Question, environment: Mapping[str, str]) -> Iterable[Candidate]:
        from hpcli.completion.account import AccountNames
        from hpcli.run.settings import Settings

        flags = {"profile": question.options["--profile"]} if "--profile" in question.options else {}
        names = AccountNames(Settings(environment, flags))
        if kind == "customers":
            return names.customers(question.arguments[0]) if question.arguments else ()
        return names.read(kind)

    return offer


def _of_model(kind: str) -> Callable[[Question, Mapping[str, str]], Iterable[Candidate]]:
    """Yield the names in a device's cached object model (`device otap profile`), without asking the device."""

    def offer(question: Question, environment: Mapping[str, str]) -> Iterator[Candidate]:
        from hpcli.local.object_models import ObjectModels, model_rows, models_folder
        from hpcli.run.account import AccountSession
        from hpcli.run.settings import Settings

        flags = {"profile": question.options["--profile"]} if "--profile" in question.options else {}
        settings = Settings(environment, flags)
        session = AccountSession(settings, _ignore, _ignore)
        serial, *domain = question.arguments
        kept = ObjectModels(models_folder(settings.cache_dir, session.account_id)).load(serial)
        names = {
            str(row["domain" if kind == "domain" else "identifier"]): str(row["title"] or "")
            for row in model_rows((kept or {}).get("profile") or {})
            if kind == "domain" or (row["kind"] == kind and row["domain"] == domain[0])
        }
        yield from ((name, "" if kind == "domain" else title) for name, title in names.items())

    return offer


def _ignore(_text: str) -> None:
    """Discard a message."""


SOURCES: Mapping[str, Callable[[Question, Mapping[str, str]], Iterable[Candidate]]] = {
    "profile": _profiles,
    "config-key": _config_keys,
    "config-value": _config_values,
    "output": _outputs,
    "site": _of_account("sites"),
    "device": _of_account("devices"),
    "panel": _of_account("panels"),
    "door-device": _of_account("door devices"),
    "installer": _of_account("installers"),
    "person": _of_account("persons"),
    "employee": _of_account("employees"),
    "customer": _of_account("customers"),
    "otap-domain": _of_model("domain"),
    "otap-property": _of_model("property"),
    "otap-action": _of_model("action"),
}
"""Sources of candidates that are not in `tree.json`."""


def _clean(pairs: Iterable[Candidate]) -> list[Candidate]:
    """Drop values that a terminal cannot show unchanged; names come from devices and other people."""
    return [
        (value, "".join(letter if letter.isprintable() else " " for letter in description).strip())
        for value, description in pairs
        if value.isprintable() and (value, "") not in MARKERS
    ]
