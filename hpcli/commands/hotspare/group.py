"""`hpcli hotspare`: manage hot-spare servers and their shared files."""

from hpcli.commands.framework.family import Family

app = Family(
    {
        "list": ("list:list_servers", "List the registered servers."),
        "add": ("add:add_server", "Register a server as host or spare."),
        "heartbeat": ("heartbeat:send_heartbeat", "Send a heartbeat and print those of all servers."),
        "watch": ("watch:watch_host", "Send heartbeats as a spare and watch the host."),
        "delete": ("delete:delete_servers", "Remove servers."),
        "file": Family(
            {
                "list": ("file:list_files", "List the files."),
                "upload": ("file:upload_file", "Upload a file for other servers and print its key."),
                "download": ("file:download_file", "Download a file."),
                "delete": ("file:delete_file", "Delete a file."),
                "sync": ("file:sync_file", "Download the newest file if it is newer than yours."),
            },
            "Manage files shared by servers.",
        ),
    }
)
