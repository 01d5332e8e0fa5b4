"""`hpcli auth device-key`: picture keys of devices, and passwords of their users."""

from pathlib import Path
from typing import Annotated

import typer

from hpcli.auth.keys import KeyStore, device_key_entry
from hpcli.commands.framework.lists import lists
from hpcli.commands.framework.options import SerialArgument
from hpcli.commands.framework.targets import one
from hpcli.errors import HpcliError, UsageError
from hpcli.output import Column, View
from hpcli.parse import parse_serial
from hpcli.plurals import quantity
from hpcli.run.account import own_profile, password_name
from hpcli.run.context import Context
from hpcli.run.settings import SANDBOX, expand_home

_User = Annotated[
    str | None, typer.Option("--as", help="Store the password of this device user instead.", metavar="USER")
]


KEYS = View(
    noun="device key",
    id="deviceSerial",
    columns=(Column("SERIAL", "deviceSerial"), Column("USER", "user")),
    fields=lambda: ("deviceSerial", "user"),
)


@one("its key is typed")
def set_device_key(
    ctx: Context,
    serial: SerialArgument,
    as_user: _User = None,
    key_stdin: Annotated[bool, typer.Option("--key-stdin", help="Read the key from stdin.")] = False,
) -> None:
    """Store the picture key of a device.

    The key is the verification or stream key set on the device. Pictures of alarms
    that waited for it are opened. With --as it is the password of that device
    user, for other commands with --as.

    $ hpcli auth device-key set Q10254783
    $ hpcli auth device-key set Q10254783 --key-stdin < key.txt
    $ hpcli auth device-key set Q10254783 --as admin
    """
    device = parse_serial(serial)
    keys = _keys(ctx)
    what = _what(device, as_user)
    key = ctx.inputs.read_secret(what[:1].upper() + what[1:], from_stdin=key_stdin, option="--key-stdin")
    if ctx.plans_only(f"Would store the {what} in the {keys.store.place}."):
        return
    keys.add(password_name(device, as_user) if as_user else device, key)
    ctx.info(f"Stored the {what} in the {keys.store.place}.")
    if as_user is None:
        _open_pictures(ctx, device)


def _open_pictures(ctx: Context, device: str) -> None:
    """Open the pictures of a device that waited for its key; the key is stored, whatever becomes of them."""
    from hpcli.run.pictures import open_waiting_pictures

    try:
        opened, left = open_waiting_pictures(ctx, device)
    except HpcliError as error:
        ctx.warn(f"The locked pictures of {device} could not be opened: {error}")
        return
    if opened or left:
        ctx.info(f"Opened {quantity(opened, 'picture')} of {device}.")
    if left:
        ctx.warn(f"{quantity(left, 'picture')} of {device} stayed locked: the key does not fit.")


@one("keys are kept one by one")
def delete_device_key(ctx: Context, serial: SerialArgument, as_user: _User = None) -> None:
    """Delete the stored picture key of a device, or a password.

    $ hpcli auth device-key delete Q10254783
    $ hpcli auth device-key delete Q10254783 --as admin
    """
    device = parse_serial(serial)
    keys = _keys(ctx)
    what = _what(device, as_user)
    name = password_name(device, as_user) if as_user else device
    if name not in keys.names():
        raise UsageError(f"No {what} is stored.", hint="`hpcli auth device-key list` shows stored keys.")
    if ctx.plans_only(f"Would delete the {what}."):
        return
    keys.remove(name)
    ctx.info(f"Deleted the {what}.")


@lists
def list_device_keys(ctx: Context) -> None:
    """List the devices whose keys or passwords are stored.

    These are the devices of the profile, or of all profiles if none is chosen, and
    those in HPCLI_DEVICE_KEYS_FILE.

    $ hpcli auth device-key list
    """
    names = [name.partition(":") for name in _stored_names(ctx)]
    ctx.show([{"deviceSerial": serial, "user": user or None} for serial, _, user in names], KEYS)


def _stored_names(ctx: Context) -> list[str]:
    """Return the entries of the chosen profile, of all profiles where none is chosen, and of the file of keys."""
    settings, profiles = ctx.settings, ctx.settings.profiles
    chosen = settings.profile_name
    if settings.is_sandbox:
        names = set(_SandboxKeys(ctx).names())
    else:
        without_choice = profiles.names() if not settings.get("app-key") else ()
        sources = without_choice if chosen is None else (chosen,)
        names = {name for source in sources for name in profiles.device_key_serials(source)}
    file = settings.get("device-keys-file")
    if file:
        from hpcli.auth.keys import read_device_keys_file

        names |= set(read_device_keys_file(expand_home(Path(file))))
    return sorted(names)


class _ProfileKeys:
    """The keys of a profile: in its key store, their names in config.toml, since keyrings list no entries."""

    def __init__(self, ctx: Context) -> None:
        self._profile, self._profiles = own_profile(ctx.settings), ctx.settings.profiles
        self.store: KeyStore = ctx.run.session.key_store(self._profiles.get(self._profile).credentials)

    def names(self) -> tuple[str, ...]:
        return self._profiles.device_key_serials(self._profile)

    def add(self, name: str, key: str) -> None:
        self.store.write(device_key_entry(self._profile, name), key)
        self._profiles.add_device_key_serial(self._profile, name)

    def remove(self, name: str) -> None:
        self.store.delete(device_key_entry(self._profile, name))
        self._profiles.remove_device_key_serial(self._profile, name)


class _SandboxKeys:
    """The keys of the sandbox's devices, in a file beside its state."""

    def __init__(self, ctx: Context) -> None:
        self.store = ctx.run.session.sandbox_keys

    def names(self) -> tuple[str, ...]:
        return tuple(entry.removeprefix(device_key_entry(SANDBOX, "")) for entry in self.store.entries())

    def add(self, name: str, key: str) -> None:
        self.store.write(device_key_entry(SANDBOX, name), key)

    def remove(self, name: str) -> None:
        self.store.delete(device_key_entry(SANDBOX, name))


def _keys(ctx: Context) -> _ProfileKeys | _SandboxKeys:
    return _SandboxKeys(ctx) if ctx.settings.is_sandbox else _ProfileKeys(ctx)


def _what(device: str, user: str | None) -> str:
    return f"password of {user} on {device}" if user else f"key of {device}"
