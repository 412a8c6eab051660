"""Where a command or a service writes its log, as the settings say."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from structlog.contextvars import bound_contextvars

from qbo_milestones.config import Settings
from qbo_milestones.errors import BadSettings

_log = logging.getLogger(__name__)


def open_log(settings: Settings, *, service: bool = False) -> None:
    """Log to the file of the settings; without one a service logs to standard error and a command nowhere.

    Raises BadSettings where the file cannot be written.
    """
    file = _file(settings)
    if file is None and not service:
        return
    from qbo_milestones.adapters import log

    log.start(settings.log.level, file)


def open_service_log(every: Sequence[Settings]) -> None:
    """One process has one log: that of the first company. Where another's settings say otherwise, a line tells so.

    Where its file cannot be written it is standard error: no company goes unbilled because of one company's log.
    """
    first, *others = every
    try:
        open_log(first, service=True)
    except BadSettings as trouble:
        from qbo_milestones.adapters import log

        log.start(first.log.level)
        _log.error("log_file_not_written", extra={"settings": first.company, "text": str(trouble)})
    unlike = [one.company for one in others if (one.log.level, _file(one)) != (first.log.level, _file(first))]
    if unlike:
        _log.warning("log_settings_differ", extra={"settings": first.company, "companies": unlike})


@contextmanager
def about(settings: Settings) -> Iterator[None]:
    """Every event within tells whom it is about: the settings' name, and the realm once the company is connected."""
    from qbo_milestones.wiring import stored

    names = {"settings": settings.company}
    try:
        with stored(settings) as store:
            names["company"] = store.company
    except Exception:  # what is to be done within meets the same trouble, and says so
        _log.debug("company_unknown", extra=names)
    with bound_contextvars(**names):
        yield


def _file(settings: Settings) -> Path | None:
    return settings.path(Path(settings.log.file)) if settings.log.file else None
