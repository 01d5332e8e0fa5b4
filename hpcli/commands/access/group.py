"""`hpcli access`: who may open which door."""

from hpcli.commands.framework.family import Family

app = Family(
    {
        "grant": ("grant:grant_access", "Bring persons to devices, where they may enter all day."),
        "status": ("status:show_status", "Tell on which devices persons are."),
        "revoke": ("revoke:revoke_access", "Take persons off devices."),
        "events": ("events:list_events", "List what happened at the doors of a device."),
        "users": ("users:list_users", "List the people a door device knows."),
    }
)
