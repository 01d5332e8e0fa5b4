"""Entry point of `hpcli` and `python -m hpcli`."""

import sys


def main() -> None:
    """Run the command line and leave with its exit code."""
    from hpcli.cli import main as run

    sys.exit(run())


if __name__ == "__main__":
    main()
