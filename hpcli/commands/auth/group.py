"""`hpcli auth`: sign in; profiles, tokens and device keys."""

from hpcli.commands.framework.family import Family

app = Family(
    {
        "login": ("login:log_in", "Sign in and keep the API key for later."),
        "status": ("status:show_status", "Show who is signed in, with which key, until when."),
        "token": ("token:print_token", "Print a valid token, for other programs."),
        "logout": ("logout:log_out", "Forget the key and the token of a profile."),
        "list": ("list:list_profiles", "List the profiles."),
        "use": ("use:use_profile", "Make a profile the default."),
        "device-key": Family(
            {
                "set": ("device_key:set_device_key", "Keep the picture key of a device."),
                "delete": (
                    "device_key:delete_device_key",
                    "Forget the picture key of a device, or a user's password.",
                ),
                "list": ("device_key:list_device_keys", "List the devices whose keys or passwords are kept."),
            },
            "Picture keys of devices, and passwords of their users.",
        ),
    }
)
