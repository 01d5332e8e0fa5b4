"""`hpcli access`: control who may open which door."""

from hpcli.commands.framework.family import Family

app = Family(
    {
        "grant": ("grant:grant_access", "Give persons access to devices, at any time of day."),
        "status": ("status:show_status", "Show which devices persons have access to."),
        "revoke": ("revoke:revoke_access", "Revoke persons' access to devices."),
        "events": ("events:list_events", "List the door events of a device."),
        "users": ("users:list_users", "List the people stored on a door device."),
    }
)
