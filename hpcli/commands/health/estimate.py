"""How long a health report takes, said as soon as sites and devices are counted."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from hpcli.client.paging import Page
from hpcli.commands.framework.long_work import announce
from hpcli.run.context import Context


@dataclass
class Estimate:
    """Counts the calls of a report: the pages of two lists, which arrive in two threads, and one a site.

    Args:
        ctx: the command's context.
        sites: how many there are; None where their first page says so.
        site_pages: pages of their list.
        device_pages: pages of the list of devices; None where its first page says so.
    """

    ctx: Context
    sites: int | None = None
    site_pages: int = 0
    device_pages: int | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _is_said: bool = False

    def expect_sites(self, page: Page) -> None:
        """Take a page of sites."""
        with self._lock:
            if self.sites is None and page.total:
                self.sites, self.site_pages = page.total, page.pages
        self.say()

    def expect_devices(self, page: Page) -> None:
        """Take a page of devices."""
        with self._lock:
            if self.device_pages is None:
                self.device_pages = max(1, page.pages)
        self.say()

    def say(self) -> None:
        """Say once how long it takes, when everything is counted."""
        with self._lock:
            if self._is_said or self.sites is None or self.device_pages is None:
                return
            self._is_said = True
        announce(self.ctx, self.sites, "site", calls=self.sites + self.site_pages + self.device_pages)
