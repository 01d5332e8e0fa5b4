"""`hpcli auth login`: sign in and store the API key."""

from typing import Annotated

import typer

from hpcli.api.operations.auth import GET_TOKEN
from hpcli.auth.account import REGIONS, normalise_base_url
from hpcli.auth.keys import KeyStore
from hpcli.auth.profiles import CredentialPlace, Profile, check_profile_name
from hpcli.commands.auth.words import moment
from hpcli.commands.framework.verb import calls
from hpcli.errors import LocalError, UsageError
from hpcli.run.account import check_not_sandbox
from hpcli.run.context import Context
from hpcli.run.settings import choose


@calls(GET_TOKEN, names_profile=True)
def log_in(
    ctx: Context,
    app_key: Annotated[
        str | None, typer.Option(help="API key; by default you are asked for it.", metavar="KEY")
    ] = None,
    secret_stdin: Annotated[
        bool, typer.Option("--secret-stdin", help="Read the API secret from stdin.")
    ] = False,
    region: Annotated[
        str | None, typer.Option(help="Region of the login host: general or russia.", metavar="REGION")
    ] = None,
    base_url: Annotated[
        str | None, typer.Option(help="Login host instead of a region.", metavar="URL")
    ] = None,
    insecure_storage: Annotated[
        bool,
        typer.Option(
            "--insecure-storage", help="Store the secret in a file (mode 0600), not in the keyring."
        ),
    ] = False,
) -> None:
    """Sign in and store the API key.

    You are asked for the secret at a hidden prompt, or it is read from stdin; it
    is never an argument. It is stored in this computer's keyring.

    $ hpcli auth login
    $ hpcli auth login --profile work --region russia
    $ hpcli auth login --app-key "$KEY" --secret-stdin < secret.txt
    """
    from hpcli.auth.keys import secret_key_entry

    check_not_sandbox(ctx.settings, "sign-in")
    if region and base_url:
        raise UsageError("--region and --base-url cannot be used together.")
    name = check_profile_name(ctx.settings.profile_name or "default")
    place: CredentialPlace = "file" if insecure_storage else "keyring"
    store = ctx.run.session.key_store(place)
    store.read(secret_key_entry(name))  # report an unusable keyring before the user types a secret
    key = app_key or ctx.inputs.ask_line("API key", "Use --app-key KEY --secret-stdin.")
    secret = ctx.inputs.read_secret("API secret", from_stdin=secret_stdin, option="--secret-stdin")
    if not key.strip():
        raise UsageError("The API key is empty.", hint="Use --app-key KEY --secret-stdin.")
    host = _login_host(ctx, region, base_url)
    if ctx.plans_only(
        f"Would sign in to {host} and store the secret of profile '{name}' in the {store.place}."
    ):
        return
    until = _try_sign_in(ctx, host, key.strip(), secret)
    store.write(secret_key_entry(name), secret)
    profiles = ctx.settings.profiles
    old = profiles.get(name) if name in profiles.names() else Profile(name, key.strip(), credentials=place)
    profiles.save(old._replace(app_key=key.strip(), base_url=host, credentials=place))
    if old.credentials != place:
        _move_keys(ctx, old, store)
    _warn_of_work_tree(ctx)
    ctx.info(
        f"Signed in to {host} as profile '{name}'. The secret is in the {store.place}; the token expires at {until}."
    )


def _login_host(ctx: Context, region: str | None, base_url: str | None) -> str:
    if region:
        return REGIONS[choose(region, tuple(REGIONS), "--region")]
    given = base_url or ctx.settings.get("base-url")
    return normalise_base_url(given) if given else REGIONS[ctx.settings.get("region")]


def _try_sign_in(ctx: Context, host: str, key: str, secret: str) -> str:
    """Sign in once, so that a wrong secret is never stored; the token goes to the cache."""
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
    return moment(token.expires_at)


def _move_keys(ctx: Context, old: Profile, store: KeyStore) -> None:
    """Remove the keys of a profile from the former store; move device keys to the new one.

    A store that no longer works is often the reason for the change, so its failure is only a warning.
    """
    from hpcli.auth.keys import device_key_entry, secret_key_entry

    former = ctx.run.session.key_store(old.credentials)
    try:
        for serial in ctx.settings.profiles.device_key_serials(old.name):
            entry = device_key_entry(old.name, serial)
            kept = former.read(entry)
            if kept is not None:
                store.write(entry, kept)
                former.delete(entry)
        former.delete(secret_key_entry(old.name))
    except LocalError as error:
        ctx.warn(f"The old keys could not be removed from the {former.place}: {error}")


def _warn_of_work_tree(ctx: Context) -> None:
    from hpcli.auth.profiles import git_work_tree_warning

    warning = git_work_tree_warning(ctx.settings.profiles.path)
    if warning:
        ctx.warn(warning)
