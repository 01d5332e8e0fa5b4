"""Which device user a command acts as: `--as`, `--as-password-stdin` and `--user-level` (Guide §3.23)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from typer.core import TyperOption

from hpcli.commands.framework.options import AS_HELP, AS_STDIN_HELP
from hpcli.errors import UsageError
from hpcli.run.context import Context

if TYPE_CHECKING:
    from typer._click.core import Context as ClickContext
    from typer._click.core import Parameter

    from hpcli.client.device.isapi import DeviceUser

_NAME, _FROM_STDIN, _LEVEL = "device_user_name", "device_user_password_stdin", "device_user_level"


def device_user_options() -> list[TyperOption]:
    """Return the options; `device_user` reads them, so the functions of verbs do not take them."""
    return [
        _option(_NAME, "--as", help=AS_HELP, metavar="USER"),
        _option(_FROM_STDIN, "--as-password-stdin", help=AS_STDIN_HELP, is_flag=True),
        _option(_LEVEL, "--user-level", help="User level: installer or admin.", metavar="LEVEL"),
    ]


def device_user(ctx: Context, serial: str) -> DeviceUser:
    """Return the user to act as on one device; see `device_users`."""
    return device_users(ctx, [serial])[serial]


def device_users(ctx: Context, serials: Sequence[str]) -> dict[str, DeviceUser]:
    """Return the user to act as on each device.

    The password of a named user comes from stdin with --as-password-stdin, else from the keys of the profile
    (`auth device-key set SERIAL --as USER`), else from one question for all devices without a stored password.

    Raises:
        UsageError: the password cannot be asked for, or --as-password-stdin is given without --as.
    """
    from hpcli.client.device.isapi import DeviceUser

    name, from_stdin = ctx.meta.get(_NAME), bool(ctx.meta.get(_FROM_STDIN))
    level = ctx.meta.get(_LEVEL) or ctx.settings.get("user-level")
    if name is None:
        if from_stdin:
            raise UsageError("--as-password-stdin needs --as USER.")
        return dict.fromkeys(serials, DeviceUser(level))
    find = ctx.run.session.device_password
    kept = {} if from_stdin else {serial: find(serial, name) for serial in serials}
    asked = None
    if not all(kept.get(serial) for serial in serials):
        asked = ctx.inputs.read_secret(
            f"Password of {name}", from_stdin=from_stdin, option="--as-password-stdin"
        )
    return {serial: DeviceUser(level, name, kept.get(serial) or asked) for serial in serials}


def _option(key: str, flag: str, **more: Any) -> TyperOption:
    def store(ctx: ClickContext, _parameter: Parameter, value: Any) -> None:
        ctx.meta[key] = value

    return TyperOption(
        param_decls=[key, flag], callback=store, expose_value=False, show_default=False, **more
    )
