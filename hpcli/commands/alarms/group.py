"""`hpcli alarms`: follow alarms, look back at them, fetch and decrypt their pictures."""

from hpcli.commands.framework.family import Family

app = Family(
    {
        "subscribe": ("subscribe:subscribe", "Have the alarms of devices sent to this account."),
        "unsubscribe": (
            "subscribe:unsubscribe",
            "End the alarms of devices for every reader of this account.",
        ),
        "types": ("types:list_types", "List the event types with their meaning."),
        "tail": ("tail:tail", "Follow alarms as they happen."),
        "history": ("history:show_history", "Print alarms of the journal, the oldest first."),
        "show": ("show:show_event", "Print one event whole, with pictures and raw message."),
        "status": ("status:show_status", "Tell how the journal and its tail are."),
        "prune": ("prune:prune_journal", "Remove old alarms from the journal."),
        "retry-pictures": (
            "retry_pictures:retry_pictures",
            "Fetch the pictures again that could not be saved.",
        ),
        "picture": ("picture:show_picture", "Print the link of an alarm picture, or save the picture."),
        "decrypt": ("decrypt:decrypt_files", "Decrypt pictures that are on this computer."),
    }
)
