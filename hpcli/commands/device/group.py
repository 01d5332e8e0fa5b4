"""`hpcli device`: devices of your sites."""

from hpcli.commands.framework.family import Family

app = Family(
    {
        "list": ("list:list_devices", "List the devices."),
        "show": ("show:show_device", "Show one device."),
        "update": ("update:update_device", "Rename a device, or change its extra text."),
        "delete": ("delete:delete_devices", "Delete devices from their sites."),
        "channels": ("channels:list_channels", "List the channels of a device."),
        "pin": ("pin:show_pin", "Show the PIN of an alarm panel."),
        "wake": ("wake:wake_camera", "Wake a solar camera."),
        "iot-ability": ("iot_ability:show_iot_ability", "Tell how an object-model device may join a site."),
        "iot-result": ("iot_result:show_iot_result", "Tell what became of adding an object-model device."),
        "add": ("add:add_devices", "Add devices to a site."),
        "isapi": ("isapi:send_isapi", "Send an ISAPI request to devices."),
        "upgrade": Family(
            {
                "check": ("upgrade:check_firmware", "Tell whether newer firmware exists."),
                "progress": ("upgrade:show_progress", "Tell how far an upgrade is."),
                "start": ("upgrade:start_upgrade", "Start an upgrade to the newest firmware."),
            },
            "Firmware of devices: check, start, follow.",
        ),
        "otap": Family(
            {
                "get": ("otap:get_property", "Read a property as the platform knows it."),
                "set": ("otap:set_property", "Set a property."),
                "get-direct": ("otap:get_property_direct", "Read a property as the device itself tells it."),
                "set-direct": ("otap:set_property_direct", "Set a property of the device itself."),
                "action": ("otap:run_action", "Run an operation of a device and print its output."),
                "table": ("otap:show_table", "Print the records of a list of a device."),
                "profile": ("otap_profile:show_profile", "Print the object model of a device as a tree."),
                "batch-get": ("otap:get_many", "Read properties of devices as the platform knows them."),
                "batch-set": ("otap:set_many", "Set properties of several devices."),
                "batch-get-direct": (
                    "otap:get_many_direct",
                    "Read properties as the device itself tells them.",
                ),
                "batch-set-direct": ("otap:set_many_direct", "Set properties of the device itself."),
            },
            "Object models of devices: properties, operations, lists.",
        ),
        "info": ("info:show_information", "Show what a device knows of itself, or change it."),
        "time": ("time:show_clock", "Show a device's clock and how far it is off, or set it."),
        "ip-channels": Family(
            {
                "list": ("ip_channels:list_channels", "List the digital channels of a recorder."),
                "status": ("ip_channels:show_states", "Show which digital channels are connected."),
                "set": ("ip_channels:set_channels", "Change digital channels."),
                "add": ("ip_channels:add_channel", "Add a digital channel."),
            },
            "Digital channels of a recorder.",
        ),
        "output": Family(
            {
                "list": ("output:list_outputs", "List the alarm outputs of a device."),
                "status": ("output:show_state", "Show whether an alarm output is active."),
                "set": ("output:set_output", "Switch an alarm output."),
            },
            "Alarm outputs of a device.",
        ),
        "refresh-playback": (
            "refresh_playback:refresh_playback",
            "Refresh the video of a channel before its playback.",
        ),
    }
)
