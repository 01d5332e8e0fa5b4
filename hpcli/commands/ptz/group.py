"""`hpcli ptz`: move cameras, and their presets."""

from hpcli.commands.framework.family import Family

app = Family(
    {
        "preset": Family(
            {
                "list": ("preset:list_presets", "List the presets of a camera."),
                "show": ("preset:show_preset", "Show one preset."),
                "goto": ("preset:go_to_preset", "Let a camera go to a preset."),
                "add": ("preset:add_preset", "Remember where a camera looks now as a new preset."),
                "set": ("preset:set_preset", "Set a preset to where a camera looks now, and name it."),
                "delete": ("preset:delete_presets", "Delete a preset, or all of a channel."),
            },
            "Positions that a camera remembers.",
        ),
        "move": ("move:move_camera", "Move a camera, until it is stopped or for some time."),
        "stop": ("stop:stop_camera", "Stop a camera."),
    }
)
