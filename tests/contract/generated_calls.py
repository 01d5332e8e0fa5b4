"""Ten calls with the client that openapi-python-client makes, run by the Python that has its packages.

`generated_calls.py FOLDER BASE_URL APP_KEY SECRET_KEY`: FOLDER holds the package `platform_client`. Each answer has
to be a success of the type that the document gives it.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

SERIAL = "Q10254783"


def main(folder: str, base_url: str, app_key: str, secret_key: str) -> None:
    """Sign in, and make nine reading calls.

    Raises:
        AssertionError: an answer is a refusal, or has lost its type.
    """
    sys.path.insert(0, folder)
    clients = importlib.import_module("platform_client.client")
    open_client = clients.Client(base_url=base_url)
    token = ask(open_client, "auth.token_get", "Credentials", appKey=app_key, secretKey=secret_key)
    client = clients.AuthenticatedClient(base_url=base_url, token=token["accessToken"])
    page = {"page": 1, "pageSize": 20}
    site = ask(client, "site.site_search", "SiteSearchBody", **page)["rows"][0]["id"]
    ask(client, "device.device_list", "DeviceListBody", **page)
    ask(client, "installer.installers_search", "InstallersSearchBody", **page)
    ask(client, "health.site_health_report", "SiteHealthReportBody", siteId=site)
    ask(client, "site.site_sitemanagers", "SiteSitemanagersBody", siteId=site)
    ask(client, "customer.site_customer_list", "SiteCustomerListBody", siteId=site)
    ask(client, "device.device_camera_list", "OneDevice", deviceSerial=SERIAL)
    ask(client, "device.device_upgrade_state", "OneDevice", deviceSerial=SERIAL)
    ask(client, "arc.arcservice_device_list", "ArcserviceDeviceListBody", **page)


def ask(client: Any, name: str, body: str, **fields: Any) -> Any:
    """Make one call; return the data of its answer as JSON."""
    models = importlib.import_module("platform_client.models")
    call = importlib.import_module(f"platform_client.api.{name}")
    answer = call.sync(client=client, body=getattr(models, body).from_dict(fields))
    kind = type(answer).__name__
    assert kind == answer_type(name), f"{name} answers {kind}"
    assert str(answer.error_code) == "0", f"{name}: {answer}"
    sys.stdout.write(f"{name}: {kind}\n")
    return answer.to_dict()["data"]


def answer_type(name: str) -> str:
    """Return the name of the type that the document gives to the answer of a call."""
    words = name.rpartition(".")[2].split("_")
    return "TokenAnswer" if words == ["token", "get"] else "".join(map(str.title, words)) + "Answer"


if __name__ == "__main__":
    main(*sys.argv[1:])
