"""Read the package's data files, also from a wheel that was never unpacked."""

import pkgutil


def read_text(name: str) -> str:
    """Return the text of the data file `name` beside this module."""
    # importlib.resources does the same, and takes 7 ms to import.
    content = pkgutil.get_data("hpcli.reference", name)
    if content is None:
        raise FileNotFoundError(name)
    return content.decode()


def read_rows(name: str) -> list[list[str]]:
    """Return the rows of a tab-separated data file, without its header line.

    Cells hold neither tabs nor quotes that mean anything, so this is a plain split.
    """
    return [line.split("\t") for line in read_text(name).splitlines()[1:]]
