"""How long decrypting a file of several pictures takes, compared with `openssl enc -d` on as many bytes.

    python tests/benchmarks/decrypt.py [RUNS]

Both read one 64 MiB file and write files; their runs alternate, and each starts from empty outputs. Start-up is
taken off both: `openssl` on an empty file, and imports and the first use of the cipher here. The target is a ratio
of 1.3 at most. The peak of memory is that of a process that does nothing else.
"""

import hashlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hpcli.alarms.pictures.decrypt import Keys, Sink, decrypt_bytes, decrypt_file

KEY = b"benchmark"
SIZE = 64 << 20
PICTURES = 8
OPENSSL = [
    "openssl",
    "enc",
    "-aes-128-cbc",
    "-K",
    KEY.ljust(16, b"\0").hex(),
    "-iv",
    b"01234567".hex().ljust(32, "0"),
]
HEADER = b"hikencodepicture" + hashlib.md5(hashlib.md5(KEY).hexdigest().encode()).hexdigest().encode()


def main(runs: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pictures, body = make_files(folder)
        ours: list[float] = []
        theirs: list[float] = []
        for _ in range(runs):
            ours.append(time_ours(pictures, folder))
            theirs.append(time_openssl(body, folder))
        (folder / "empty").touch()
        start_up = statistics.median(time_openssl(folder / "empty", folder) for _ in range(runs))
        child = subprocess.run(
            [sys.executable, __file__, "--peak", pictures, folder], capture_output=True, text=True, check=True
        )
    mine, other = statistics.median(ours), statistics.median(theirs) - start_up
    sys.stdout.write(
        f"file       {SIZE >> 20} MiB, {PICTURES} device-encrypted pictures, median of {runs} runs\n"
        f"hpcli      {mine * 1000:.1f} ms\n"
        f"openssl    {other * 1000:.1f} ms, start-up of {start_up * 1000:.1f} ms taken off\n"
        f"ratio      {mine / other:.2f}\n"
        f"peak RSS   {child.stdout.strip()}\n"
    )


def make_files(folder: Path) -> tuple[Path, Path]:
    """Write a framed file of several pictures, and one body of the same size for openssl."""
    pictures, body = folder / "pictures", folder / "body"
    for path, size, count in ((pictures, SIZE // PICTURES, PICTURES), (body, SIZE, 1)):
        with path.open("wb") as file:
            for _ in range(count):
                plain = b"\xff\xd8\xff\xe0" + os.urandom(size - 4)
                data = subprocess.run(OPENSSL, input=plain, capture_output=True, check=True).stdout
                if path == pictures:
                    data = HEADER + data
                    file.write(len(data).to_bytes(4, "big"))
                file.write(data)
    return pictures, body


def time_ours(path: Path, folder: Path) -> float:
    with empty_folder(folder / "ours") as out:
        started = time.perf_counter()
        decrypt_to(path, out)
        return time.perf_counter() - started


def time_openssl(path: Path, folder: Path) -> float:
    with empty_folder(folder / "theirs") as out:
        # Without -nopad an empty file would be an error.
        padding = [] if path.stat().st_size else ["-nopad"]
        started = time.perf_counter()
        subprocess.run([*OPENSSL, "-d", *padding, "-in", path, "-out", out / "plain"], check=True)
        return time.perf_counter() - started


def decrypt_to(path: Path, folder: Path) -> None:
    @contextmanager
    def open_sink(number: int, extension: str) -> Iterator[Sink]:
        with (folder / f"{number}.{extension}").open("wb") as file:
            yield file

    with path.open("rb") as source:
        pictures = decrypt_file(source, open_sink, keys=Keys(device=KEY), holds_several=True)
    if sum(picture.size for picture in pictures) != SIZE:
        sys.exit("The pictures did not come out whole.")


@contextmanager
def empty_folder(path: Path) -> Iterator[Path]:
    path.mkdir()
    yield path
    shutil.rmtree(path)


def warm_up() -> None:
    """Import what is imported late, and use the cipher once."""
    tiny = subprocess.run(OPENSSL, input=b"warm", capture_output=True, check=True).stdout
    decrypt_bytes(HEADER + tiny, keys=Keys(device=KEY))


def peak_of_one_run(path: Path, folder: Path) -> None:
    """Print the memory of this process at the peak of decrypting a file, and how much more than for a tiny one."""
    warm_up()
    before = peak_so_far()
    with empty_folder(folder / "peak") as out:
        decrypt_to(path, out)
    peak = peak_so_far()
    sys.stdout.write(
        f"{peak / 1024:.1f} MiB, {(peak - before) / 1024:.1f} MiB more than for a picture of 4 bytes\n"
    )


def peak_so_far() -> int:
    """Return KiB. Linux only: getrusage would tell the parent's peak, which survives fork and exec."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--peak"]:
        peak_of_one_run(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        warm_up()
        main(int(sys.argv[1]) if sys.argv[1:] else 15)
