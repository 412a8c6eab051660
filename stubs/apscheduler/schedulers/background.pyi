from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo

from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.triggers.base import BaseTrigger

class BackgroundScheduler:
    def __init__(
        self,
        *,
        timezone: tzinfo | None = None,
        jobstores: Mapping[str, MemoryJobStore] | None = None,
        job_defaults: Mapping[str, object] | None = None,
    ) -> None: ...
    def add_job(
        self, func: Callable[[], object], trigger: BaseTrigger, *, next_run_time: datetime | None = ...
    ) -> object: ...
    def start(self) -> None: ...
    def shutdown(self, wait: bool = True) -> None: ...
