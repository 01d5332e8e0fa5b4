"""Check the profile that `--profile` or `HPCLI_PROFILE` names: a wrong name must never act on another account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcli.auth.account import normalise_base_url
from hpcli.errors import UsageError

if TYPE_CHECKING:
    from hpcli.auth.profiles import Profiles


def check_named(profiles: Profiles, name: str) -> None:
    """Check that a named profile exists.

    Raises:
        UsageError: there is no such profile; the hint has the nearest and all there are.
    """
    if name not in profiles.names():
        raise profiles.no_such_profile(name)


def check_same_account(profiles: Profiles, name: str, key: str, host: str) -> None:
    """Check that `HPCLI_PROFILE` and the variables of the account mean the same account.

    Args:
        profiles: the profiles of config.toml.
        name: what `HPCLI_PROFILE` names.
        key: `HPCLI_APP_KEY`, "" if unset.
        host: `HPCLI_BASE_URL`, "" if unset.

    Raises:
        UsageError: the key or the login host is that of another account.
    """
    if not key:
        return
    profile = profiles.get(name)
    if key != profile.app_key:
        other = "HPCLI_APP_KEY"
    elif host and normalise_base_url(host) != profile.base_url:
        other = "HPCLI_BASE_URL"
    else:
        return
    raise UsageError(
        f"HPCLI_PROFILE names the profile '{name}', but {other} belongs to another account.",
        hint=f"Unset one of the two, or choose with --profile {name}.",
    )
