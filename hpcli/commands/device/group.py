"""`hpcli device`: manage the devices of your sites."""

from hpcli.commands.framework.family import Family

app = Family(
    {
        "list": ("list:list_devices", "List the devices."),
        "show": ("show:show_device", "Show everything that is known of a device."),
        "update": ("update:update_device", "Rename devices or change their extra texts."),
        "delete": ("delete:delete_devices", "Delete devices from their sites."),
        "channels": ("channels:list_channels", "List the channels of a device."),
        "pin": ("pin:show_pin", "Show the PIN of an alarm panel."),
        "wake": ("wake:wake_camera", "Wake a solar camera."),
        "iot-ability": ("iot_ability:show_iot_ability", "Show how an object-model device can join a site."),
        "iot-result": ("iot_result:show_iot_result", "Show the result of adding an object-model device."),
        "add": ("add:add_devices", "Add devices to a site, or devices and sites from a file."),
        "isapi": ("isapi:send_isapi", "Send an ISAPI request to devices."),
        "upgrade": Family(
            {
                "check": ("upgrade:check_firmware", "Check for newer firmware."),
                "progress": ("upgrade:show_progress", "Show the progress of an upgrade."),
                "start": ("upgrade:start_upgrade", "Start an upgrade to the newest firmware."),
            },
            "Upgrade the firmware of devices.",
        ),
        "otap": Family(
            {
                "get": ("otap:get_property", "Read a property from the platform's copy."),
                "set": ("otap:set_property", "Set a property."),
                "get-direct": ("otap:get_property_direct", "Read a property from the device itself."),
                "set-direct": ("otap:set_property_direct", "Set a property on the device itself."),
                "action": ("otap:run_action", "Run an operation on a device and print its output."),
                "table": ("otap:show_table", "Print the records of a device list."),
                "profile": ("otap_profile:show_profile", "Print the object model of a device as a tree."),
                "batch-get": ("otap:get_many", "Read properties from the platform's copy."),
                "batch-set": ("otap:set_many", "Set properties of several devices."),
                "batch-get-direct": (
                    "otap:get_many_direct",
                    "Read properties from the device itself.",
                ),
                "batch-set-direct": ("otap:set_many_direct", "Set properties on the device itself."),
            },
            "Read and change the object models of devices.",
        ),
        "info": ("info:show_information", "Show or change the basic information of a device."),
        "time": ("time:show_clock", "Show or set the clock of a device."),
        "ip-channels": Family(
            {
                "list": ("ip_channels:list_channels", "List the digital channels of a recorder."),
                "status": ("ip_channels:show_states", "Show which digital channels are connected."),
                "set": ("ip_channels:set_channels", "Change digital channels."),
                "add": ("ip_channels:add_channel", "Add a digital channel."),
            },
            "Manage the digital channels of a recorder.",
        ),
        "output": Family(
            {
                "list": ("output:list_outputs", "List the alarm outputs of a device."),
                "status": ("output:show_state", "Show whether an alarm output is active."),
                "set": ("output:set_output", "Switch an alarm output."),
            },
            "Show and switch the alarm outputs of a device.",
        ),
        "refresh-playback": (
            "refresh_playback:refresh_playback",
            "Refresh the video of a channel before playback.",
        ),
    }
)
