"""`hpcli metrics`: serve numbers to Prometheus."""

from hpcli.commands.framework.family import Family

app = Family({"serve": ("serve:serve", "Serve the state of alarms and devices to Prometheus.")})
