"""`hpcli site`: manage your customers' sites."""

from hpcli.commands.framework.family import Family

app = Family(
    {
        "list": ("list:list_sites", "List the sites."),
        "show": ("show:show_site", "Show everything that is known of a site."),
        "add": ("add:add_site", "Add sites and print their ids."),
        "update": ("update:update_site", "Rename sites or change their addresses."),
        "delete": ("delete:delete_site", "Delete a site with all its devices."),
        "share": ("share:share_site", "Share a site with an installation partner."),
        "unshare": ("unshare:unshare_site", "Stop sharing a site with a partner."),
        "assign": ("assign:assign_managers", "Make employees the managers of sites."),
        "managers": ("managers:list_managers", "List the managers of a site."),
        "handover": ("handover:hand_over", "Hand a site over to end users by sharing its devices."),
        "app-access": (
            "app_access:set_app_access",
            "Allow or forbid end users to operate devices in the app.",
        ),
    }
)
