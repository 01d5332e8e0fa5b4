"""`hpcli auth`: sign in; profiles, tokens and device keys."""

from dataclasses import replace
from typing import Annotated, Any

import typer

from hpcli.auth.account import REGIONS, normalise_base_url
from hpcli.auth.keys import KeyStore
from hpcli.auth.profiles import CredentialPlace, Profile, check_profile_name
from hpcli.client.signing import GET_TOKEN
from hpcli.commands.framework.family import Family
from hpcli.errors import LocalError, UsageError
from hpcli.output import Column, Format, View
from hpcli.run.account import check_not_sandbox, own_profile
from hpcli.run.context import Context
from hpcli.run.settings import SANDBOX, choose

app = Family("auth", "Sign in; profiles, tokens and device keys.")

_FIELDS = ("profile", "loginHost", "appKey", "credentials", "areaDomain", "expires")
STATUS = View(
    noun="account",
    id="profile",
    columns=(
        Column("PROFILE", "profile"),
        Column("LOGIN HOST", "loginHost"),
        Column("APP KEY", "appKey"),
        Column("SECRET FROM", "credentials"),
        Column("AREA DOMAIN", "areaDomain"),
        Column("TOKEN UNTIL", "expires"),
    ),
    fields=lambda: _FIELDS,
)
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


@app.verb("login", GET_TOKEN)
def log_in(
    ctx: Context,
    app_key: Annotated[str | None, typer.Option(help="API key; asked without it.", metavar="KEY")] = None,
    secret_stdin: Annotated[
        bool, typer.Option("--secret-stdin", help="Read the API secret from stdin.")
    ] = False,
    region: Annotated[str | None, typer.Option(help="general or russia.", metavar="REGION")] = None,
    base_url: Annotated[
        str | None, typer.Option(help="Login host, instead of a region.", metavar="URL")
    ] = None,
    insecure_storage: Annotated[
        bool, typer.Option("--insecure-storage", help="Keep the secret in a 0600 file, not in the keyring.")
    ] = False,
) -> None:
    """Sign in and keep the API key for later.

    The secret is asked at a hidden prompt, or read from stdin; it is never an
    argument. It goes to the keyring of this computer.

    $ hpcli auth login
    $ hpcli auth login --profile work --region russia
    $ hpcli auth login --app-key "$KEY" --secret-stdin < secret.txt
    """
    from hpcli.auth.keys import secret_key_entry

    check_not_sandbox(ctx.settings, "signing in")
    if region and base_url:
        raise UsageError("--region and --base-url exclude each other.")
    name = check_profile_name(
        str(ctx.settings.flags.get("profile") or ctx.settings.profile_name or "default")
    )
    place: CredentialPlace = "file" if insecure_storage else "keyring"
    store = ctx.run.connection.key_store(place)
    store.read(secret_key_entry(name))  # an unusable keyring is told before anything is typed
    key = app_key or ctx.inputs.ask_line("API key", "Use --app-key KEY --secret-stdin.")
    secret = ctx.inputs.read_secret("API secret", from_stdin=secret_stdin, option="--secret-stdin")
    if not key.strip():
        raise UsageError("The API key is empty.", hint="Use --app-key KEY --secret-stdin.")
    host = _login_host(ctx, region, base_url)
    if ctx.plans_only(
        f"Would sign in to {host} and keep the secret of profile '{name}' in the {store.place}."
    ):
        return
    until = _try_sign_in(ctx, host, key.strip(), secret)
    store.write(secret_key_entry(name), secret)
    profiles = ctx.settings.profiles
    old = profiles.get(name) if name in profiles.names() else Profile(name, key.strip(), credentials=place)
    profiles.save(replace(old, app_key=key.strip(), base_url=host, credentials=place))
    if old.credentials != place:
        _move_keys(ctx, old, store)
    _warn_of_work_tree(ctx)
    ctx.say(
        f"Signed in to {host} as profile '{name}'; the secret is in the {store.place}. Token until {until}."
    )


def _login_host(ctx: Context, region: str | None, base_url: str | None) -> str:
    if region:
        return REGIONS[choose(region, tuple(REGIONS), "--region")]
    given = base_url or ctx.settings.get("base-url")
    return normalise_base_url(given) if given else REGIONS[ctx.settings.get("region")]


def _try_sign_in(ctx: Context, host: str, key: str, secret: str) -> str:
    """Sign in once, so that a wrong secret is never kept; the token goes to the cache."""
    from hpcli.auth.account import Account
    from hpcli.auth.tokens import TokenCache
    from hpcli.client.transport import Transport

    account = Account(host, key)
    cache = TokenCache(ctx.settings.cache_dir, account.id)
    cache.forget()
    transport = Transport(account, lambda: secret, cache, timeout=ctx.settings.get("timeout"))
    try:
        token = transport.sign_in.token()
    finally:
        transport.close()
    return _moment(token.expires_at)


def _move_keys(ctx: Context, old: Profile, store: KeyStore) -> None:
    """Take the keys of a profile out of the place they had; device keys go to the new one.

    A place that cannot be used any more is often the reason for the change, so it is only told.
    """
    from hpcli.auth.keys import device_key_entry, secret_key_entry

    former = ctx.run.connection.key_store(old.credentials)
    try:
        for serial in ctx.settings.profiles.device_key_serials(old.name):
            entry = device_key_entry(old.name, serial)
            kept = former.read(entry)
            if kept is not None:
                store.write(entry, kept)
                former.delete(entry)
        former.delete(secret_key_entry(old.name))
    except LocalError as error:
        ctx.run.complain(f"The old keys could not be removed from the {former.place}: {error}")


def _warn_of_work_tree(ctx: Context) -> None:
    from hpcli.auth.profiles import git_work_tree_warning

    warning = git_work_tree_warning(ctx.settings.profiles.path)
    if warning:
        ctx.run.complain(warning)


@app.verb("status", GET_TOKEN)
def show_status(ctx: Context) -> None:
    """Show who is signed in, with which key, until when.

    $ hpcli auth status
    $ hpcli auth status --profile sandbox -o json
    """
    connection = ctx.run.connection
    account = connection.account
    token = ctx.client.transport.sign_in.token()
    row = {
        "profile": ctx.settings.profile_name,
        "loginHost": account.login_host,
        "appKey": _shortened(account.app_key),
        "credentials": connection.source.words,
        "areaDomain": token.area_domain,
        "expires": _moment(token.expires_at),
    }
    ctx.show_one(row, STATUS)


@app.verb("token", GET_TOKEN)
def print_token(ctx: Context) -> None:
    """Print a valid token, for other programs.

    $ TOKEN=$(hpcli auth token)
    """
    token = ctx.client.transport.sign_in.token().access_token
    if ctx.run.printer.format in (Format.JSON, Format.NDJSON):
        ctx.run.printer.value({"accessToken": token})
    else:
        ctx.show_text(token)


@app.verb("logout")
def log_out(ctx: Context) -> None:
    """Forget the key and the token of a profile.

    $ hpcli auth logout
    $ hpcli auth logout --profile work
    """
    from hpcli.auth.keys import device_key_entry, secret_key_entry

    check_not_sandbox(ctx.settings, "signing out")
    name = own_profile(ctx.settings)
    profiles, connection = ctx.settings.profiles, ctx.run.connection
    profile = profiles.get(name)
    if ctx.plans_only(f"Would forget the keys and the token of profile '{name}'."):
        return
    store = connection.key_store(profile.credentials)
    try:
        store.delete(secret_key_entry(name))
        for serial in profiles.device_key_serials(name):
            store.delete(device_key_entry(name, serial))
    except LocalError as error:
        ctx.run.complain(f"The keys could not be removed from the {profile.credentials}: {error}")
    _forget_token(ctx, profile.base_url, profile.app_key)
    profiles.remove(name)
    ctx.say(f"Signed out of profile '{name}'.")


def _forget_token(ctx: Context, host: str, key: str) -> None:
    from hpcli.auth.account import Account
    from hpcli.auth.tokens import TokenCache

    TokenCache(ctx.settings.cache_dir, Account(host, key).id).forget()


@app.verb("list")
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
                "appKey": _shortened(profile.app_key),
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


@app.verb("use")
def use_profile(
    ctx: Context, name: Annotated[str, typer.Argument(help="Profile, or sandbox.", metavar="NAME")]
) -> None:
    """Make a profile the default.

    $ hpcli auth use sandbox
    """
    if ctx.plans_only(f"Would make '{name}' the default profile."):
        return
    ctx.settings.profiles.set_default(name)
    ctx.say(f"'{name}' is the default profile now.")


def _shortened(key: str) -> str:
    return key if len(key) <= 6 else f"{key[:4]}…{key[-2:]}"


def _moment(epoch_seconds: float) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(epoch_seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


# Keys of devices have a file of their own.
from hpcli.commands.auth.device_key import app as device_key  # noqa: E402 - the family must exist first

app.include(device_key)
