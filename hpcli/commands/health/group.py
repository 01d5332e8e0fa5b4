"""`hpcli health`: report the state of cameras, recorders and panels."""

from hpcli.commands.framework.family import Family

app = Family(
    {
        "report": ("report:report_health", "Report the health of the devices of sites."),
    }
)
