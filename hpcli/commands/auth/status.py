"""`hpcli auth status`: the account, its key and when the token expires."""

from hpcli.api.operations.auth import GET_TOKEN
from hpcli.commands.auth.words import moment, shortened
from hpcli.commands.framework.verb import calls
from hpcli.output import Column, View
from hpcli.run.context import Context

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


@calls(GET_TOKEN)
def show_status(ctx: Context) -> None:
    """Show the account, its key and when the token expires.

    $ hpcli auth status
    $ hpcli auth status --profile sandbox -o json
    """
    session = ctx.run.session
    account = session.account
    token = ctx.client.transport.sign_in.token()
    row = {
        "profile": ctx.settings.profile_name,
        "loginHost": account.login_host,
        "appKey": shortened(account.app_key),
        "credentials": session.source.words,
        "areaDomain": token.area_domain,
        "expires": moment(token.expires_at),
    }
    ctx.show_one(row, STATUS)
