"""`hpcli alarms`: follow alarms, search the journal, fetch and decrypt pictures."""

from hpcli.commands.framework.family import Family

app = Family(
    {
        "subscribe": ("subscribe:subscribe", "Subscribe this account to the alarms of devices."),
        "unsubscribe": (
            "subscribe:unsubscribe",
            "Unsubscribe this account from the alarms of devices.",
        ),
        "types": ("types:list_types", "List the event types and CID codes and their meaning."),
        "tail": ("tail:tail", "Follow alarms as they happen."),
        "history": ("history:show_history", "Print alarms from the journal, oldest first."),
        "show": ("show:show_event", "Show one event with its pictures and raw message."),
        "status": ("status:show_status", "Show the state of reader, subscription and journal."),
        "prune": ("prune:prune_journal", "Remove old alarms from the journal."),
        "forward": Family(
            {
                "add": ("forward.add:add_output", "Declare an output to which alarms are forwarded."),
                "list": (
                    "forward.list:list_outputs",
                    "List the outputs, what waits, and the last errors.",
                ),
                "check": (
                    "forward.check:check_outputs",
                    "Check the outputs without sending anything.",
                ),
                "remove": (
                    "forward.remove:remove_output",
                    "Remove an output, its dead letters and its place.",
                ),
                "test": (
                    "forward.send_test:send_test",
                    "Send a marked test event to an output.",
                ),
                "retry": (
                    "forward.retry:retry_output",
                    "Send dead letters again, and resume a suspended output.",
                ),
                "explain": (
                    "forward.explain:explain_event",
                    "Explain what became of an event at each output, and why.",
                ),
                "run": (
                    "forward.run:run_outputs",
                    "Send the alarms of the journal to the outputs.",
                ),
            },
            "Forward alarms to outputs that acknowledge them.",
        ),
        "audit": ("audit:audit", "Show what became of all alarms, and check the journal."),
        "count": ("count:count_alarms", "Count the alarms of the journal."),
        "ack": ("ack:acknowledge_events", "Note on events what became of them."),
        "hold": ("hold:hold_events", "Keep events and their pictures, whatever their age."),
        "release": ("hold:release_events", "Let held events be pruned again."),
        "export": (
            "export:export_events",
            "Write a case file of events, with messages and pictures.",
        ),
        "backup": ("backup:back_up", "Write the journal with its pictures to a file."),
        "restore": ("backup:restore_backup", "Make a backup the journal of this account again."),
        "erase": ("erase:erase_messages", "Erase messages, texts and pictures from the journal."),
        "retry-pictures": (
            "retry_pictures:retry_pictures",
            "Save pictures that failed or were not asked for.",
        ),
        "keys": ("keys:list_keys", "List the devices whose pictures wait for a key."),
        "picture": ("picture:show_picture", "Print the link of an alarm picture, or save it."),
        "decrypt": ("decrypt:decrypt_files", "Decrypt pictures on this computer."),
    }
)
