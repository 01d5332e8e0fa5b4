"""`hpcli config`: view and change settings."""

from hpcli.commands.framework.family import Family

app = Family(
    {
        "list": ("list:list_settings", "List the settings, their values and their sources."),
        "get": ("get:get_setting", "Print the value of a setting."),
        "set": ("set:set_setting", "Set or unset a setting."),
    }
)
