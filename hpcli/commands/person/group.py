"""`hpcli person`: persons of access control."""

from hpcli.commands.framework.family import Family

app = Family(
    {
        "add": ("add:add_person", "Add a person to the platform, or those of a CSV file."),
        "update": ("update:update_person", "Change a person on the platform."),
        "delete": ("delete:delete_persons", "Delete persons from the platform."),
        "sync": Family(
            {
                "start": ("sync:start_sync", "Start copying the persons of a device; prints the task."),
                "progress": ("sync:show_progress", "Tell how far a task is."),
                "details": ("sync:show_details", "List the persons of a task, failed ones first."),
            },
            "Copy persons from a device to the platform.",
        ),
    }
)
