"""Entry point of `hpcli` and `python -m hpcli`; it avoids costs that short commands do not need."""

import gc
import os
import sys

# Start-up creates many long-lived objects; garbage collection among them costs a short command 5 ms.
gc.set_threshold(50_000, 20, 100)


def main() -> None:
    """Run the command line, or answer a shell that completes one; end with the exit code, or by a signal."""
    ended_by: int | None = None
    try:
        if "_HPCLI_COMPLETE" in os.environ:
            from hpcli.completion import answer_shell

            leave(answer_shell(os.environ, sys.argv[1:]))
        if sys.argv[1:] == ["--version"] and _print_version():
            leave(0)
        leave_out_charset_guessing()
        from hpcli.cli import main as run_command_line
        from hpcli.run.context import Run

        run = Run()
        exit_code = run_command_line(None, run)
        ended_by = run.ended_by
    except KeyboardInterrupt:  # before or after the work itself, which handles interrupts
        from signal import SIGINT

        ended_by = SIGINT
    if ended_by is not None:
        from hpcli.run.signals import die_by

        flush()
        die_by(ended_by)
    leave(exit_code)


def leave_out_charset_guessing() -> None:
    """Keep `requests` from importing its character set detection, which costs 7 ms and is not needed here."""
    import warnings

    warnings.filterwarnings("ignore", message="Unable to find acceptable character detection")
    for name in ("chardet", "charset_normalizer"):
        sys.modules[name] = None  # type: ignore[assignment] # None makes Python refuse the import


def leave(exit_code: int) -> None:
    """End the process at once: shutting down the interpreter costs a short command 20 ms."""
    flush()
    os._exit(exit_code)


def flush() -> None:
    """Write what the streams still hold."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            try:
                stream.flush()
            except (OSError, ValueError):  # the outcome has been reported by now
                continue


def _print_version() -> bool:
    """Print the version without building the command line; return False if its error handling is needed."""
    from hpcli import __version__

    try:
        # Bypass the stream's buffer, which would keep text that cannot be written.
        os.write(sys.stdout.fileno(), f"hpcli {__version__}\n".encode())
    except (AttributeError, OSError, ValueError):  # stdout is closed or full
        return False
    return True


if __name__ == "__main__":
    main()
