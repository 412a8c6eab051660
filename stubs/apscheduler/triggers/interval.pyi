from datetime import tzinfo

from apscheduler.triggers.base import BaseTrigger

class IntervalTrigger(BaseTrigger):
    def __init__(self, *, seconds: float = 0, timezone: tzinfo | None = None) -> None: ...
