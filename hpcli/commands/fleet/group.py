"""`hpcli fleet`: write the account to a file, compare it, and make it as a file says."""

from hpcli.commands.framework.family import Family

app = Family(
    {
        "export": ("export:export_fleet", "Write the account to a file."),
        "snapshot": ("snapshot:take_snapshot", "Keep the state of the account on this computer."),
        "diff": ("diff:compare", "Show what differs between two states of an account."),
        "plan": ("plan:show_plan", "Show what would make the account as a file says."),
        "apply": ("apply:apply_file", "Make the account as a file says."),
        "schema": ("schema:print_schema", "Print the JSON Schema of fleet files."),
    }
)
