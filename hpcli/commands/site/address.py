"""The address options of a site."""

from typing import Annotated

import typer

State = Annotated[str | None, typer.Option("--state", help="State or province.", metavar="TEXT")]


City = Annotated[str | None, typer.Option("--city", help="City.", metavar="TEXT")]


Street = Annotated[str | None, typer.Option("--street", help="Street and number.", metavar="TEXT")]


Address = Annotated[str | None, typer.Option("--address", help="Rest of the address.", metavar="TEXT")]


def given_address(
    state: str | None, city: str | None, street: str | None, address: str | None
) -> dict[str, str]:
    """Return the given parts of an address."""
    parts = {"state": state, "city": city, "street": street, "address": address}
    return {option: text for option, text in parts.items() if text is not None}
