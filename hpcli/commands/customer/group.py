"""`hpcli customer`: manage the end users of sites."""

from hpcli.commands.framework.family import Family

app = Family(
    {
        "list": ("list:list_customers", "List the end users of a site."),
        "show": ("show:show_customer", "Show an end user's permissions on devices."),
        "replace": ("replace:replace_customer", "Replace an end user's account by another."),
        "permit": ("permit:permit_customer", "Set the permissions of end users on devices."),
        "remove": ("remove:remove_customers", "Remove end users from a site."),
    }
)
