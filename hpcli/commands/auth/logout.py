"""`hpcli auth logout`: delete key and token."""

from hpcli.errors import LocalError
from hpcli.run.account import check_not_sandbox, own_profile
from hpcli.run.context import Context


def log_out(ctx: Context) -> None:
    """Delete the key and the token of a profile.

    $ hpcli auth logout
    $ hpcli auth logout --profile work
    """
    from hpcli.auth.keys import device_key_entry, secret_key_entry

    check_not_sandbox(ctx.settings, "sign-out")
    name = own_profile(ctx.settings)
    profiles, session = ctx.settings.profiles, ctx.run.session
    profile = profiles.get(name)
    if ctx.plans_only(f"Would delete the keys and the token of profile '{name}'."):
        return
    store = session.key_store(profile.credentials)
    try:
        store.delete(secret_key_entry(name))
        for serial in profiles.device_key_serials(name):
            store.delete(device_key_entry(name, serial))
    except LocalError as error:
        ctx.warn(f"The keys could not be removed from the {profile.credentials}: {error}")
    profiles.remove_leftovers()
    _forget_token(ctx, profile.base_url, profile.app_key)
    profiles.remove(name)
    ctx.info(f"Signed out of profile '{name}'.")


def _forget_token(ctx: Context, host: str, key: str) -> None:
    from hpcli.auth.account import Account
    from hpcli.auth.tokens import TokenCache

    TokenCache(ctx.settings.cache_dir, Account(host, key).id).forget()
