"""`hpcli person`: manage access control persons."""

from hpcli.commands.framework.family import Family

app = Family(
    {
        "add": ("add:add_person", "Add a person, or the persons of a CSV file."),
        "update": ("update:update_person", "Change a person on the platform."),
        "delete": ("delete:delete_persons", "Delete persons from the platform."),
        "sync": Family(
            {
                "start": ("sync:start_sync", "Start copying the persons of a device."),
                "progress": ("sync:show_progress", "Show the progress of a copying task."),
                "details": ("sync:show_details", "List the persons of a task, failures first."),
            },
            "Copy persons from a device to the platform.",
        ),
    }
)
