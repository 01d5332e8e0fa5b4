"""`hpcli config`: settings that hold for every command."""

from hpcli.commands.framework.family import Family

app = Family(
    {
        "list": ("list:list_settings", "List the settings, their values and where these come from."),
        "get": ("get:get_setting", "Print the value of a setting."),
        "set": ("set:set_setting", "Set a setting, for all profiles or with --profile for one."),
    }
)
