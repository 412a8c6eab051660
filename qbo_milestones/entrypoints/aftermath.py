"""After a run: what people and machines outside are told of it."""

import logging

from qbo_milestones.config import Settings
from qbo_milestones.run.outcome import Outcome, exit_code_of

_log = logging.getLogger(__name__)


def aftermath(settings: Settings, ended: Outcome | Exception) -> None:
    """Called once after each run, whether it was done or failed, by `run` and `worker` alike."""
    code = ended.exit_code if isinstance(ended, Outcome) else exit_code_of(ended)
    _log.info("run_told", extra={"company": settings.company, "exit_code": code})
