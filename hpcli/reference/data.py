"""Read the package's data files, also from a wheel that was never unpacked."""


def read_text(name: str) -> str:
    """Return the text of the data file `name` beside this module."""
    from importlib.resources import files

    return files("hpcli.reference").joinpath(name).read_text(encoding="utf-8")


def read_rows(name: str) -> list[list[str]]:
    """Return the rows of a tab-separated data file, without its header line.

    Cells hold neither tabs nor quotes that mean anything, so this is a plain split.
    """
    return [line.split("\t") for line in read_text(name).splitlines()[1:]]
