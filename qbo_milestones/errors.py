"""What the world refused, named by what the caller must do.

Failure
├── Refused        will not work again as it is: flag it
├── Unavailable    surely not applied: try later
├── Doubtful       sent, outcome unknown: look it up before sending again
├── NotConnected   a person must authorise
└── BadSettings    a person must correct a setting or an input file; nothing was done

RuleBroken is none of them: the world refused nothing, we would have done what must never be done.
"""


class Failure(Exception):
    """A counterpart's refusal. `code` and `tid` are QuickBooks' error code and `intuit_tid`, empty elsewhere; `status`
    is the HTTP status of its answer, 0 where none was read.

    The text never holds a token, a secret or a body (ruling 23).
    """

    def __init__(self, text: str, *, code: str = "", tid: str = "", element: str = "", status: int = 0) -> None:
        super().__init__(text)
        self.text, self.code, self.tid, self.element, self.status = text, code, tid, element, status


class Refused(Failure):
    """The world will not do this, however often it is asked."""


class Unavailable(Failure):
    """Surely not applied. `after_s` is how long the counterpart wants to be left alone, in seconds."""

    def __init__(self, text: str, *, code: str = "", tid: str = "", after_s: float = 0) -> None:
        super().__init__(text, code=code, tid=tid)
        self.after_s = after_s


class Doubtful(Failure):
    """Sent, and nobody knows whether it was applied."""


class NotConnected(Failure):
    """A person must authorise the connection to QuickBooks."""


class BadSettings(Failure):
    """A setting or an input file is wrong; the text says which, why, and what to do."""


class RuleBroken(AssertionError):
    """What the protocol forbids, stopped by the database or an assertion: our bug, or an altered database.

    The run ends at once, with the exit code of an integrity stop (reliability.md 1.6 and 5).
    """
