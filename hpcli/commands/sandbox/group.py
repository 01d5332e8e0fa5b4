"""`hpcli sandbox`: run the bundled stand-in platform."""

from hpcli.commands.framework.family import Family

app = Family(
    {
        "serve": ("serve:serve", "Serve the sandbox until stopped."),
        "trigger": ("trigger:trigger", "Put events on the sandbox's alarm queue."),
        "spares": ("spares:list_spares", "List spare devices with their codes."),
        "reset": ("reset:reset", "Reset the sandbox to its initial state."),
    }
)
