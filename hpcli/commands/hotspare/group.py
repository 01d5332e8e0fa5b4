"""`hpcli hotspare`: servers that stand in for each other."""

from hpcli.commands.framework.family import Family

app = Family(
    {
        "list": ("list:list_servers", "List the registered servers."),
        "add": ("add:add_server", "Register a server: the host first, then up to three spares."),
        "heartbeat": ("heartbeat:send_heartbeat", "Send a heartbeat and print those of all servers."),
        "watch": ("watch:watch_host", "Beat as a spare and tell whether the host is silent."),
        "delete": ("delete:delete_servers", "Remove servers."),
        "file": Family(
            {
                "list": ("file:list_files", "List the files."),
                "upload": ("file:upload_file", "Upload a file for the other servers; prints its key."),
                "download": ("file:download_file", "Download a file."),
                "delete": ("file:delete_file", "Delete a file."),
                "sync": ("file:sync_file", "Fetch the newest file where it is newer than the one here."),
            },
            "Files that servers leave for each other.",
        ),
    }
)
