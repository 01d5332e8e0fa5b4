"""Entry point of `hpcli` and `python -m hpcli`; what a short command need not pay for is kept out here."""

import contextlib
import gc
import os
import sys

_INTERRUPTED = 130

# A start makes many objects that stay: looking for garbage among them costs a short command some 5 ms.
gc.set_threshold(50_000, 20, 100)


def main() -> None:
    """Run what the command line says, or answer a shell that completes one, and leave with the exit code."""
    if "_HPCLI_COMPLETE" in os.environ:
        from hpcli.completion import answer_shell

        leave(answer_shell(os.environ, sys.argv[1:]))
    if sys.argv[1:] == ["--version"] and _print_version():
        leave(0)
    _leave_out_charset_guessing()
    try:
        from hpcli.cli import main as run

        exit_code = run()
    except KeyboardInterrupt:  # before or after the work itself, which has its own way to end
        exit_code = _INTERRUPTED
    leave(exit_code)


def _leave_out_charset_guessing() -> None:
    """Keep `requests` from importing what it guesses character sets with: 7 ms, and no answer here needs it."""
    import warnings

    warnings.filterwarnings("ignore", message="Unable to find acceptable character detection")
    for name in ("chardet", "charset_normalizer"):
        sys.modules[name] = None  # type: ignore[assignment] # None is how Python is told to refuse an import


def leave(exit_code: int) -> None:
    """End the process at once: taking the interpreter apart costs a short command some 20 ms."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            with contextlib.suppress(OSError, ValueError):  # told by now, as far as anybody listens
                stream.flush()
    os._exit(exit_code)


def _print_version() -> bool:
    """Print the version without the command line's machinery; False where its error handling is needed."""
    from hpcli import __version__

    try:
        # Past the stream's buffer, which would keep what cannot be written.
        os.write(sys.stdout.fileno(), f"hpcli {__version__}\n".encode())
    except (AttributeError, OSError, ValueError):  # stdout is closed, or takes no more
        return False
    return True


if __name__ == "__main__":
    main()
