"""`hpcli sandbox`: the bundled stand-in platform."""

from hpcli.commands.framework.family import Family

app = Family(
    {
        "serve": ("serve:serve", "Serve the sandbox until it is stopped."),
        "trigger": ("trigger:trigger", "Put events on the sandbox's queue."),
        "reset": ("reset:reset", "Start the sandbox over."),
    }
)
