"""Format keys and times for `hpcli auth`."""


def shortened(key: str) -> str:
    """Return a key with its middle left out."""
    return key if len(key) <= 6 else f"{key[:4]}…{key[-2:]}"


def moment(epoch_seconds: float) -> str:
    """Return a time in ISO 8601."""
    from datetime import UTC, datetime

    from hpcli.parse import utc_text

    return utc_text(datetime.fromtimestamp(epoch_seconds, UTC))
