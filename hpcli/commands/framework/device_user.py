"""Which device user a command acts as: `--as`, where its password comes from, `--user-level` (Guide §3.23)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from typer.core import TyperOption

from hpcli.commands.framework.options import AS_ALONE_HELP, AS_HELP, AS_STDIN_HELP
from hpcli.errors import UsageError
from hpcli.run.context import Context

if TYPE_CHECKING:
    from typer._click.core import Context as ClickContext
    from typer._click.core import Parameter

    from hpcli.client.device.isapi import DeviceUser

_NAME, _LEVEL = "device_user_name", "device_user_level"
_EITHER_OPTION = "--as-password-stdin, or with a panel of the AX Pro series --as-no-password"
_FROM_STDIN, _NO_PASSWORD = "device_user_password_stdin", "device_user_no_password"
_KEPT = "device_users"


def device_user_options() -> list[TyperOption]:
    """Return the options; `device_user` reads them, so the functions of verbs do not take them."""
    return [
        _option(_NAME, "--as", help=AS_HELP, metavar="USER"),
        _option(_FROM_STDIN, "--as-password-stdin", help=AS_STDIN_HELP, is_flag=True),
        _option(_NO_PASSWORD, "--as-no-password", help=AS_ALONE_HELP, is_flag=True),
        _option(_LEVEL, "--user-level", help="User level: installer or admin.", metavar="LEVEL"),
    ]


def device_user(ctx: Context, serial: str) -> DeviceUser:
    """Return the user to act as on one device; see `device_users`."""
    kept: dict[str, DeviceUser] = ctx.meta.get(_KEPT, {})
    return kept[serial] if serial in kept else device_users(ctx, [serial])[serial]


def keep_users(ctx: Context, serials: Sequence[str]) -> None:
    """Find out once, with one question at most, as whom a verb acts on many devices."""
    ctx.meta[_KEPT] = device_users(ctx, serials)


def device_users(ctx: Context, serials: Sequence[str]) -> dict[str, DeviceUser]:
    """Return the user to act as on each device.

    The password of a named user comes from stdin with --as-password-stdin, else from the keys of the profile
    (`auth device-key set SERIAL --as USER`), else from one question for all devices without a stored password.
    With --as-no-password there is none. The options are never a guess: a device that wants a password counts a
    call without one as a failed attempt, and locks the user after some.

    Raises:
        UsageError: the password cannot be asked for, or the options contradict each other.
    """
    from hpcli.client.device.isapi import DeviceUser

    name, from_stdin = ctx.meta.get(_NAME), bool(ctx.meta.get(_FROM_STDIN))
    without = bool(ctx.meta.get(_NO_PASSWORD))
    _check_options(name, from_stdin=from_stdin, without=without)
    level = ctx.meta.get(_LEVEL) or ctx.settings.get("user-level")
    if name is None or without:
        return dict.fromkeys(serials, DeviceUser(level, name))
    find = ctx.run.session.device_password
    kept = {} if from_stdin else {serial: find(serial, name) for serial in serials}
    asked = None
    if not all(kept.get(serial) for serial in serials):
        asked = ctx.inputs.read_secret(f"Password of {name}", from_stdin=from_stdin, option=_EITHER_OPTION)
    return {serial: DeviceUser(level, name, kept.get(serial) or asked) for serial in serials}


def _check_options(name: str | None, *, from_stdin: bool, without: bool) -> None:
    """Check the options that say where the password of a device user comes from.

    Raises:
        UsageError: one without --as USER, or both.
    """
    if from_stdin and without:
        raise UsageError("--as-password-stdin and --as-no-password cannot be used together.")
    if name is None and (from_stdin or without):
        raise UsageError(f"{'--as-password-stdin' if from_stdin else '--as-no-password'} needs --as USER.")


def _option(key: str, flag: str, **more: Any) -> TyperOption:
    def store(ctx: ClickContext, _parameter: Parameter, value: Any) -> None:
        ctx.meta[key] = value

    return TyperOption(
        param_decls=[key, flag], callback=store, expose_value=False, show_default=False, **more
    )
