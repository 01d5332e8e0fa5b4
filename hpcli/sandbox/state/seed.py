"""The demo account: opening the state file, and filling it on first use with the same data every time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from hpcli.errors import LocalError
from hpcli.sandbox import customer
from hpcli.sandbox.state import account, boxed, demo_tasks
from hpcli.sandbox.state.demo import demo_data, stable_id
from hpcli.sandbox.state.state_file import reason_of, unusable
from hpcli.sandbox.state.store import Store
from hpcli.sandbox.state.tables import SCHEMA
from hpcli.sandbox.state.times import utc_text

_FIRST_ADDED = 1_679_898_361.0
"""27 March 2023: when the demo data's first device was added; the others follow a day apart."""

_DAY = 86400.0
_DAYS = 900
"""After so many days the dates of a large account begin again, so that none is in the future."""


def open_state(path: Path) -> Store:
    """Open a state file; a new or older one is seeded with the demo account.

    Raises:
        LocalError: a newer hpcli made the file, or it cannot be read or written.
    """
    store = Store(path)
    try:
        _bring_up_to_date(store)
    except sqlite3.Error as error:
        store.close()
        raise unusable(path, reason_of(error)) from error
    except BaseException:
        store.close()
        raise
    return store


def _bring_up_to_date(store: Store) -> None:
    schema = store.schema()
    if schema > SCHEMA:
        raise LocalError("A newer hpcli made this sandbox.", hint=f"Update hpcli, or delete {store.path}.")
    if schema < SCHEMA:
        # Outside the transaction: SQLite changes the journal mode only there.
        store.db.execute("PRAGMA journal_mode=WAL")
        with store.transaction():
            if store.schema() < SCHEMA:
                fill(store)


def fill(store: Store, *, sites: int | None = None, devices: int | None = None, empty: bool = False) -> None:
    """Replace everything in the state.

    Args:
        store: the state, inside a transaction.
        sites: number of sites; None for the demo sites.
        devices: number of devices over all sites; None for the demo devices.
        empty: no sites and no devices, only the account itself.
    """
    store.make_tables()
    store.put("subscription", "account", {"all": True})
    data = demo_data()
    store.put("company", "own", data["company"])
    installers = [_keep_installer(store, entry) for entry in data["installers"]]
    for entry in data["boxed"]:
        boxed.shelve(store, entry)
    if sites is None and devices is None and not empty:
        _add_demo(store, data, installers)
    elif not empty:
        _add_many(store, data, installers, sites if sites is not None else 10, devices or 0)
    store.make_indexes()


def _keep_installer(store: Store, entry: Mapping[str, Any]) -> dict[str, Any]:
    installer = {"id": stable_id(f"installer {entry['email']}"), **entry}
    text = " ".join(str(entry[name]) for name in ("firstName", "lastName", "email", "phone"))
    store.put("installer", installer["id"], installer, text=text)
    return installer


def _add_demo(store: Store, data: Mapping[str, Any], installers: list[dict[str, Any]]) -> None:
    sites = {}
    for entry in data["sites"]:
        site = account.new_site(stable_id(f"site {entry['key']}"), entry, installers[entry["installer"]])
        site |= {
            "siteDeliveryStatus": entry["delivery"],
            "cloudEnable": entry["cloud"],
            "sharedInfo": _sharing(entry),
        }
        account.keep_site(store, site)
        sites[entry["key"]] = site
    for number, entry in enumerate(data["devices"]):
        _add_device(store, entry, sites[entry["site"]], number)
    demo_tasks.add_demo_tasks(store)
    for entry in data["customers"]:
        customer.keep(store, sites[entry["site"]]["id"], entry)


def _sharing(entry: Mapping[str, Any]) -> dict[str, Any]:
    if entry["shareType"] == 0:
        return {"shareType": 0}
    node = "shareFromCompany" if entry["shareType"] in (2, 4) else "shareToCompany"
    return {"shareState": entry["shareState"], "shareType": entry["shareType"], node: entry["company"]}


def _add_device(store: Store, entry: Mapping[str, Any], site: Mapping[str, Any], number: int) -> None:
    serial = entry["serial"]
    hardware = {**boxed.hardware(entry), "deviceName": entry["deviceName"]}
    device = account.new_device(stable_id(f"device {serial}"), serial, hardware, site)
    device |= {
        "deviceOnlineStatus": entry.get("online", 1),
        "isSubscribed": True,
        "deviceAddTime": utc_text(_FIRST_ADDED + number % _DAYS * _DAY, milliseconds=True),
    }
    device |= {name: entry[name] for name in ("arcId", "arcCompanyName") if name in entry}
    account.keep_device(store, device)
    account.add_belongings(store, device)


def _add_many(
    store: Store, data: Mapping[str, Any], installers: list[dict[str, Any]], sites: int, devices: int
) -> None:
    """Make a large account: numbered sites, and devices of all kinds spread evenly over them."""
    made = []
    for number in range(1, max(sites, 1 if devices else 0) + 1):
        values = {"name": f"Site {number:05d}", "timeZone": 133, "siteCity": f"City {number % 97}"}
        site = account.new_site(stable_id(f"site {number}"), values, installers[number % len(installers)])
        account.keep_site(store, site)
        made.append(site)
    for number, entry in enumerate(_kinds(data, devices)):
        _add_device(store, entry, made[number % len(made)], number)


def _kinds(data: Mapping[str, Any], count: int) -> Iterator[dict[str, Any]]:
    models = data["devices"]
    for number in range(count):
        serial = f"X{number + 1:08d}"
        model = models[number % len(models)]
        yield {
            **model,
            "serial": serial,
            "deviceName": f"{model['model']} {number + 1}",
            "channels": model.get("channels", ())[:1],
        }
