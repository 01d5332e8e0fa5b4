"""`hpcli health`: the state of a site's cameras, recorders and panels."""

from hpcli.commands.framework.family import Family

app = Family(
    {
        "report": ("report:report_health", "Report the health of sites, one row a device."),
    }
)
