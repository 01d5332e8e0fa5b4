"""The format prometheus: numbers for a monitoring system, in its text format, by its own client library."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, cast

from hpcli.errors import LocalError
from hpcli.output.text import replace_surrogates


class Metric(NamedTuple):
    """A gauge with its samples.

    Attributes:
        name: with its unit at the end, such as `_seconds`, `_bytes`.
        help: what it says, in a sentence.
        labels: the names of its labels.
        samples: label values in that order, and the number; None is left out.
    """

    name: str
    help: str
    labels: Sequence[str]
    samples: Iterable[tuple[Sequence[object], float | None]]


def check_library(what: str = "-o prometheus") -> None:
    """Refuse the format before anything is read.

    Args:
        what: needs the library.

    Raises:
        LocalError: prometheus-client is not installed.
    """
    try:
        import prometheus_client  # noqa: F401 - whether it is there is the question
    except ImportError as error:
        raise LocalError(
            f"{what} needs prometheus-client.",
            hint="In the checkout of hpcli run `pip install '.[metrics]'`: it is the extra metrics of hikpartner-cli.",
        ) from error


def metrics_text(metrics: Iterable[Metric]) -> str:
    """Return metrics as text; one without samples is left out.

    Raises:
        LocalError: prometheus-client is not installed.
    """
    check_library()
    from prometheus_client import CollectorRegistry, generate_latest

    registry = CollectorRegistry(auto_describe=False)
    found = list(metrics)
    registry.register(cast("Any", Gauges(lambda: found)))
    text: str = generate_latest(registry).decode()
    return text


class Gauges:
    """What the library asks for its metrics.

    Args:
        read: returns them.
    """

    def __init__(self, read: Callable[[], Iterable[Metric]]) -> None:
        self._read = read

    def collect(self) -> Iterator[Any]:
        """Yield the metrics in the form of the library."""
        from prometheus_client.core import GaugeMetricFamily

        for metric in self._read():
            found = _samples(metric)
            if found:
                family = GaugeMetricFamily(metric.name, metric.help, labels=list(metric.labels))
                for labels, value in found.items():
                    family.add_metric(list(labels), value)
                yield family


def _samples(metric: Metric) -> Mapping[tuple[str, ...], float]:
    """Return one sample for each set of labels; Prometheus refuses two."""
    return {
        tuple("" if label is None else replace_surrogates(str(label)) for label in labels): float(value)
        for labels, value in metric.samples
        if value is not None
    }
