"""`hpcli customer`: end users whom sites are handed over to."""

from hpcli.commands.framework.family import Family

app = Family(
    {
        "list": ("list:list_customers", "List the end users of a site."),
        "show": ("show:show_customer", "Show what an end user may do on which devices."),
        "replace": ("replace:replace_customer", "Put another account in the place of an end user's."),
        "permit": ("permit:permit_customer", "Set what an end user may do on devices."),
        "remove": ("remove:remove_customers", "Take a site away from end users."),
    }
)
