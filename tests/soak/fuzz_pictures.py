"""Feed the picture parser with bytes that libFuzzer invents; anything but a PictureError is a find.

    python -m venv /tmp/fuzz && /tmp/fuzz/bin/pip install atheris . && /tmp/fuzz/bin/python tests/soak/fuzz_pictures.py

atheris is no dependency of the project. The run ends by itself after 120 seconds; libFuzzer's own options
(`-max_total_time=600`, `-runs=100000`, a corpus folder) may follow. What was found is left as `crash-…`, which the
same command reproduces when it is given the file.
"""

import hashlib
import sys

import atheris  # type: ignore[import-untyped]  # it ships no types and is not a dependency

with atheris.instrument_imports(include=["hpcli.alarms"]):
    from hpcli.alarms.pictures import container
    from hpcli.alarms.pictures.decrypt import Keys, decrypt_bytes
    from hpcli.errors import PictureError

KEYS = Keys(device=b"fuzz", checksum="fd9b7f16393203046d40be71da380128", times=("2021-08-09T12:54:25",))
DIGEST = hashlib.md5(hashlib.md5(b"fuzz").hexdigest().encode()).hexdigest().encode()
WORDS = [
    b"hikencodepicture" + DIGEST,
    b"\xff\xd8\xff\xe0\x00\x10JFIF",
    b"\x00\x00\x00\x40hikencodepicture",
    b"\x44\x00\x00\x00\xff\xd8\xff",
    b"RIFF\x00\x00\x00\x00AVI ",
    b"\x00\x00\x00\x18ftypisom",
]


def read_pictures(data: bytes) -> None:
    provider = atheris.FuzzedDataProvider(data)
    # Small chunks, so that marks lie across their borders.
    container.CHUNK = 64 * provider.ConsumeIntInRange(1, 4)
    holds_several = provider.ConsumeBool()
    parts = []
    while provider.remaining_bytes():
        if provider.ConsumeBool():
            parts.append(provider.PickValueInList(WORDS))
        parts.append(provider.ConsumeBytes(provider.ConsumeIntInRange(0, 200)))
    content = b"".join(parts)
    try:
        found = decrypt_bytes(content, keys=KEYS, holds_several=holds_several)
    except PictureError:
        return
    written = sum(len(plain) for _, plain in found)
    if written > len(content) or any(picture.size != len(plain) for picture, plain in found):
        raise AssertionError(f"{written} bytes came out of {len(content)}")


if __name__ == "__main__":
    atheris.Setup(
        [sys.argv[0], "-max_total_time=120", "-timeout=10", "-rss_limit_mb=1024", *sys.argv[1:]],
        read_pictures,
    )
    atheris.Fuzz()
