"""`hpcli panel`: arm and disarm, look at zones, switch relays."""

from hpcli.commands.framework.family import Family

app = Family(
    {
        "areas": ("areas:list_areas", "List the areas of a panel and whether they are armed."),
        "zones": ("zones:list_zones", "List zones: state, bypass, battery, signal, tamper."),
        "arm": ("arm:arm_areas", "Arm areas and wait until they are armed."),
        "disarm": ("disarm:disarm_areas", "Disarm areas; their alarms end."),
        "clear": ("clear:clear_alarms", "End the alarms of areas; they stay armed."),
        "bypass": ("bypass:bypass_zones", "Bypass zones: they guard nothing until `unbypass`."),
        "unbypass": ("unbypass:unbypass_zones", "End the bypass of zones."),
        "relays": ("relays:list_relays", "List the relays of a panel and whether they are on."),
        "relay": ("relay:switch_relays", "Switch relays."),
    }
)
