"""`hpcli auth`: sign in; manage profiles, tokens and device keys."""

from hpcli.commands.framework.family import Family

app = Family(
    {
        "login": ("login:log_in", "Sign in and store the API key."),
        "status": ("status:show_status", "Show the account, its key and when the token expires."),
        "token": ("token:print_token", "Print a valid token for other programs."),
        "logout": ("logout:log_out", "Delete the key and the token of a profile."),
        "list": ("list:list_profiles", "List the profiles."),
        "use": ("use:use_profile", "Make a profile the default."),
        "device-key": Family(
            {
                "set": ("device_key:set_device_key", "Store the picture key of a device."),
                "delete": (
                    "device_key:delete_device_key",
                    "Delete the stored picture key of a device, or a password.",
                ),
                "list": (
                    "device_key:list_device_keys",
                    "List the devices whose keys or passwords are stored.",
                ),
            },
            "Manage picture keys of devices and passwords of their users.",
        ),
    }
)
