"""`hpcli ptz`: control PTZ cameras."""

from hpcli.commands.framework.family import Family

app = Family(
    {
        "preset": Family(
            {
                "list": ("preset:list_presets", "List the presets of a camera."),
                "show": ("preset:show_preset", "Show one preset."),
                "goto": ("preset:go_to_preset", "Move a camera to a preset."),
                "add": ("preset:add_preset", "Save the current position as a new preset."),
                "set": ("preset:set_preset", "Save the current position as a numbered preset."),
                "delete": ("preset:delete_presets", "Delete a preset, or all presets of a channel."),
            },
            "Manage the presets of a camera.",
        ),
        "move": ("move:move_camera", "Move a camera until stopped, or for some time."),
        "stop": ("stop:stop_camera", "Stop a camera."),
    }
)
