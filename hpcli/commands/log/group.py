"""`hpcli log`: show, undo and resume the changes sent from this computer."""

from hpcli.commands.framework.family import Family

app = Family(
    {
        "list": ("list:list_changes", "List the changes sent from this computer."),
        "show": ("show:show_change", "Show one change with its values before and after."),
        "undo": ("undo:undo_changes", "Set the values that were there before changes."),
        "resume": ("resume:resume_command", "Do the rest of an interrupted or partly failed command."),
        "prune": ("remove:prune_log", "Remove old changes from the log."),
        "forget": ("remove:forget_target", "Remove the values of a site, device or person."),
    }
)
