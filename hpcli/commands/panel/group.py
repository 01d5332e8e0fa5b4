"""`hpcli panel`: control alarm panels."""

from hpcli.commands.framework.family import Family

app = Family(
    {
        "areas": ("areas:list_areas", "List the areas of a panel and their arming state."),
        "zones": ("zones:list_zones", "List zones with state, bypass, battery, signal and tamper."),
        "arm": ("arm:arm_areas", "Arm areas and wait until they are armed."),
        "disarm": ("disarm:disarm_areas", "Disarm areas and clear their alarms."),
        "clear": ("clear:clear_alarms", "Clear the alarms of areas without disarming them."),
        "bypass": ("bypass:bypass_zones", "Bypass zones until `panel unbypass`."),
        "unbypass": ("unbypass:unbypass_zones", "End the bypass of zones."),
        "relays": ("relays:list_relays", "List the relays of a panel and their state."),
        "relay": ("relay:switch_relays", "Switch relays."),
    }
)
