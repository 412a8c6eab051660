"""The metrics file: figures in Prometheus' text form, for the node exporter's textfile collector (reliability.md 5)."""

import os
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from qbo_milestones.adapters.store.figures import Figures

_PREFIX = "qbo_milestones_"
_LABEL = "company"


class _Collected:
    """What is to be written, made whole beforehand; the library asks for it."""

    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = tuple(metrics)

    def collect(self) -> Iterable[Metric]:
        """See prometheus_client.registry.Collector."""
        return self._metrics


def write(
    path: Path, company: str, figures: Figures, allowed: int, ends: Mapping[str, datetime], now: datetime
) -> None:
    """Replace the file by the figures as they are now. `ends` are the connection's ends by name: idle, hard.

    `allowed` is how many metered calls a month may have, all companies together. Raises OSError where the file cannot
    be written.
    """
    registry = CollectorRegistry()
    registry.register(_Collected([*_gauges(company, figures, allowed, ends, now), *_counters(company, figures)]))
    _make_folder(path.parent)
    # Whole or not at all, and for others to read: they are figures, and the collector is another user.
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_bytes(generate_latest(registry))
    fresh.chmod(0o644)
    fresh.replace(path)


def _make_folder(folder: Path) -> None:
    """One that others may look into, however strict this process's mask is; a folder that stands is left as it is."""
    if not folder.exists():
        _make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755)


def _gauges(
    company: str, figures: Figures, allowed: int, ends: Mapping[str, datetime], now: datetime
) -> Iterable[Metric]:
    yield _family(GaugeMetricFamily, "postings", "Postings in the outbox by stage.", company, figures.stages, "stage")
    yield _family(GaugeMetricFamily, "flags", "Open flags by severity.", company, figures.flags, "severity")
    left = {name: (end - now).total_seconds() for name, end in ends.items()}
    yield _family(GaugeMetricFamily, "token_expires_seconds", "Until the connection ends.", company, left, "limit")
    single = {
        "doubtful_oldest_seconds": ("Since the oldest doubtful posting was first sent.", figures.oldest_doubtful_s),
        "disputed": ("Postings of which QuickBooks holds two, or another one.", figures.stages.get("disputed", 0)),
        "metered_calls_month": ("Calls this month that QuickBooks meters, for this company.", figures.metered),
        "metered_calls_app_month": ("The same, for all companies of the database.", figures.metered_by_app),
        "metered_calls_allowed": ("How many of those a month may have.", allowed),
        "run_last_exit_code": ("Exit code of the newest run that ended.", figures.last_exit_code),
        "run_duration_seconds": ("How long that run took.", figures.last_took_s),
    }
    for name, (text, value) in single.items():
        if value is not None:
            yield _family(GaugeMetricFamily, name, text, company, {"": value})
    text = "When a run last did all its work: night is a due date's, other a person's or a look that posts nothing."
    good = {kind: at.timestamp() for kind, at in figures.last_success.items()}
    yield _family(GaugeMetricFamily, "run_last_success_timestamp", text, company, good, "kind")


def _counters(company: str, figures: Figures) -> Iterable[Metric]:
    yield _family(CounterMetricFamily, "posts", "Sends by what came of them.", company, figures.results, "result")
    single = {
        "adopted": ("Documents found in QuickBooks and counted as posted.", figures.adopted),
        "throttled": ("Sends that QuickBooks put off for being too many.", figures.throttled),
        "lease_lost": ("Runs that did not end: they died, or lost their lease.", figures.lost),
    }
    for name, (text, value) in single.items():
        yield _family(CounterMetricFamily, name, text, company, {"": value})


def _family(
    make: type[GaugeMetricFamily] | type[CounterMetricFamily],
    name: str,
    text: str,
    company: str,
    values: Mapping[str, float],
    label: str = "",
) -> Metric:
    family = make(f"{_PREFIX}{name}", text, labels=[_LABEL, *filter(None, [label])])
    for of, value in values.items():
        family.add_metric([company, *([of] if label else [])], value)
    return family
