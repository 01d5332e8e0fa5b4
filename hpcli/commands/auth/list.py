"""`hpcli auth list`: the profiles."""

from typing import Any

from hpcli.commands.auth.words import shortened
from hpcli.commands.framework.lists import lists
from hpcli.output import Column, View
from hpcli.run.context import Context
from hpcli.run.settings import SANDBOX

PROFILES = View(
    noun="profile",
    id="profile",
    columns=(
        Column("PROFILE", "profile"),
        Column("DEFAULT", "default", show=lambda value, _row: "yes" if value else ""),
        Column("LOGIN HOST", "loginHost"),
        Column("APP KEY", "appKey", priority=1),
        Column("SECRET IN", "credentials", priority=2),
    ),
    fields=lambda: ("profile", "default", "loginHost", "appKey", "credentials"),
)


@lists
def list_profiles(ctx: Context) -> None:
    """List the profiles.

    $ hpcli auth list
    """
    profiles = ctx.settings.profiles
    default = profiles.default
    rows: list[dict[str, Any]] = []
    for name in profiles.names():
        profile = profiles.get(name)
        rows.append(
            {
                "profile": name,
                "default": name == default,
                "loginHost": profile.base_url,
                "appKey": shortened(profile.app_key),
                "credentials": profile.credentials,
            }
        )
    bundled = {
        "profile": SANDBOX,
        "default": default == SANDBOX,
        "loginHost": "bundled",
        "appKey": "",
        "credentials": "",
    }
    ctx.show([*rows, bundled], PROFILES)
