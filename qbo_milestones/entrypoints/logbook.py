"""Where a command or a service writes its log, as the settings say."""

from pathlib import Path

from qbo_milestones.config import Settings


def open_log(settings: Settings, *, service: bool = False) -> None:
    """Log to the file of the settings; without one a service logs to standard error and a command nowhere.

    Raises BadSettings where the file cannot be written.
    """
    if not settings.log.file and not service:
        return
    from qbo_milestones.adapters import log

    log.start(settings.log.level, settings.path(Path(settings.log.file)) if settings.log.file else None)
