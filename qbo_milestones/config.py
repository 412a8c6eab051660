"""Settings, frozen: from `config/*.toml`, then the environment, then options; the later wins."""

import difflib
import os
import tomllib
import types
import typing
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator

from qbo_milestones.errors import BadSettings
from qbo_milestones.model.flag import Owner

PREFIX = "QBO_MILESTONES_"
# Variables that the program reads for itself before there are settings.
_OWN = frozenset({f"{PREFIX}CONFIG", f"{PREFIX}TOKEN_KEY", f"{PREFIX}TOKEN_KEY_OLD"})


# What the proof of the posting protocol rests on (reliability.md 1.3; ruling 7).
_QUIET_S = 450


class _Table(BaseModel):
    """One table of the settings; an unknown name is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class QuickBooks(_Table):
    """Which company, and as which app. Secrets come from the environment, never from a file that is committed."""

    environment: Literal["simulator", "sandbox", "production"] = "simulator"
    realm: str = ""
    client_id: str = ""
    client_secret: SecretStr = SecretStr("")
    webhook_verifier: SecretStr = SecretStr("")
    redirect_uri: str = "http://localhost:8765/callback"
    simulator_port: int = Field(default=8020, ge=1, le=65535)
    simulator_data: Path = Path("simulator.db")


class Key(_Table):
    """Where the one key to the stored tokens is kept (ruling 27)."""

    source: Literal["keyring", "file", "environment", "credentials"] = "keyring"
    file: Path = Path("key")


class RegisterSource(_Table):
    """Where the register is: a workbook, a folder of CSV files, one CSV file, or a database address."""

    source: str = ""
    date_order: Literal["", "DMY", "MDY", "YMD"] = ""
    decimal_comma: bool = False
    columns: Mapping[str, Mapping[str, str]] = Field(default_factory=dict)
    sheets: Mapping[str, str] = Field(default_factory=dict)


class Evidence(_Table):
    """Where sign-offs are kept, and whether a mere link is enough (register.md, Sign-offs)."""

    folder: Path = Path("evidence")
    links: Literal["refused", "accepted"] = "refused"


class Billing(_Table):
    """How documents are written. Names are QuickBooks'."""

    starts_on: date | None = None
    item: str = "Milestone"
    unbilled_account: str = "Unbilled receivable (accepted milestones)"
    revenue_account: str = "Milestone revenue"
    class_name: str = ""
    location: str = ""
    tax_code: str = ""


class Invoice(_Table):
    """What happens to an invoice once it stands in QuickBooks."""

    send: bool = False


class Limits(_Table):
    """Where a business date's runs stop posting (ruling 12); how many metered calls Intuit grants a month."""

    invoices_per_run: int | None = Field(default=None, ge=0)
    amount_per_run: Decimal | None = Field(default=None, ge=0)
    metered_per_month: int = Field(default=500_000, ge=1)


class Posting(_Table):
    """How fast and how patiently we send (rulings 7 and 8). `patience` scales every time-out, for tests."""

    quiet_s: float = Field(default=450, gt=0)
    lanes: int = Field(default=10, ge=1, le=10)
    per_second: int = Field(default=8, ge=1, le=10)
    per_minute: int = Field(default=450, ge=1, le=500)
    patience: float = Field(default=1, gt=0, le=1)


class Schedule(_Table):
    """When `worker` runs a company: each date at a time of day in the company's zone, up to `jitter_min` later.

    `hint_rest_min` is how long after a run QuickBooks' hints of changes wait, in minutes.
    """

    at: time = time(3, 17)
    jitter_min: int = Field(default=10, ge=0, le=120)
    hint_rest_min: int = Field(default=10, ge=1)

    @field_validator("at")
    @classmethod
    def _of_the_company_s_zone(cls, value: time) -> time:
        if value.tzinfo is not None:
            raise ValueError("write the time alone, as 03:17; its zone is time_zone")
        return value


class Log(_Table):
    """Where events are written, one JSON line each. No file: services write to standard error, commands nothing."""

    file: str = ""
    level: Literal["debug", "info", "warning", "error"] = "info"


class Metrics(_Table):
    """Where the figures for Prometheus are written after each run; nowhere without a file."""

    file: str = ""


class Ping(_Table):
    """The address of a check at healthchecks.io or a server like it; a secret, since it can silence the alarm."""

    url: SecretStr = SecretStr("")

    @field_validator("url")
    @classmethod
    def _safe(cls, value: SecretStr) -> SecretStr:
        parts = urlsplit(value.get_secret_value())
        here = parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost", "::1"}
        if value.get_secret_value() and not (parts.hostname and (parts.scheme == "https" or here)):
            raise ValueError("the address must begin with https:// (http:// only on this machine)")
        return value


class Digest(_Table):
    """To whom the digest of a run is sent, as Apprise addresses (mailto://, slack://, ...): secrets, all of them."""

    to: tuple[SecretStr, ...] = ()

    @field_validator("to", mode="before")
    @classmethod
    def _several(cls, value: object) -> object:
        """In the environment they stand in one variable, with spaces between them."""
        return value.split() if isinstance(value, str) else value


class Settings(_Table):
    """Everything that a person may set. Relative paths count from the folder of the settings."""

    company: str = "simulator"
    time_zone: str = "America/New_York"
    live: bool = False
    home: Path = Path("data")
    witness: Path | None = None
    invoice_number: Literal["deliverable", "quickbooks"] = "deliverable"
    quickbooks: QuickBooks = QuickBooks()
    key: Key = Key()
    register_: RegisterSource = Field(default=RegisterSource(), alias="register")
    evidence: Evidence = Evidence()
    billing: Billing = Billing()
    invoice: Invoice = Invoice()
    limits: Limits = Limits()
    posting: Posting = Posting()
    schedule: Schedule = Schedule()
    log: Log = Log()
    metrics: Metrics = Metrics()
    ping: Ping = Ping()
    digest: Digest = Digest()
    owners: Mapping[str, str] = Field(default_factory=dict)
    folder: Path = Path()

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{value!r} is not a time zone; write one like America/New_York") from error
        return value

    @field_validator("owners")
    @classmethod
    def _known_roles(cls, value: Mapping[str, str]) -> Mapping[str, str]:
        unknown = sorted(set(value) - set(Owner))
        if unknown:
            raise ValueError(f"{unknown[0]!r} is not a role; the roles are {', '.join(Owner)}")
        return value

    @model_validator(mode="after")
    def _real_company_is_safe(self) -> Self:
        if self.real and self.billing.starts_on is None:
            raise ValueError("billing.starts_on is required for a real company: the first acceptance date to bill")
        if self.real and (self.posting.quiet_s < _QUIET_S or self.posting.patience < 1):
            raise ValueError(
                f"posting.quiet_s below {_QUIET_S} and posting.patience below 1 are for tests: with a real company a "
                "lost answer must be waited for, or a client may be billed twice"
            )
        return self

    @property
    def real(self) -> bool:
        """Whether real clients would be billed."""
        return self.quickbooks.environment != "simulator"

    @property
    def zone(self) -> ZoneInfo:
        """The company's time zone."""
        return ZoneInfo(self.time_zone)

    def path(self, relative: Path) -> Path:
        """A path of the settings, from the folder in which the settings lie."""
        return (self.folder / relative.expanduser()).absolute()

    @property
    def witness_folder(self) -> Path:
        """Where the two small files lie by which a restored database is known: apart from it, or they know nothing."""
        if self.witness is not None:
            return self.path(self.witness)
        return self.path(self.key.file).parent if self.key.source == "file" else self.home_folder

    @property
    def home_folder(self) -> Path:
        """Where the store, the key file and the locks are kept."""
        return self.path(self.home)


def load(folder: Path | None, environment: Mapping[str, str] = os.environ, options: Iterable[str] = ()) -> Settings:
    """The settings of a folder (of one TOML file, of none), the environment and `name=value` options.

    Raises BadSettings that names what is wrong, where it came from, and the nearest known name.
    """
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for file in _files(folder) if folder else ():
        _lay_over(values, _read(file), origins, file.name)
    _lay_over(values, _from_environment(environment), origins, "the environment")
    _lay_over(values, _from_options(options), origins, "the options")
    base = Path() if folder is None else folder if folder.is_dir() else folder.parent
    if "folder" in values:
        raise BadSettings(
            f"Unknown setting folder (from {origins['folder']}): it is where the settings themselves lie."
        )
    try:
        return Settings.model_validate({**values, "folder": base.absolute()})
    except ValidationError as error:
        raise BadSettings("\n".join(_sentences(error, origins))) from None


def _files(folder: Path) -> list[Path]:
    if folder.is_file():
        return [folder]
    if not folder.is_dir():
        raise BadSettings(
            f"There is no settings folder {folder}. Name one with --config, or run `qbo-milestones demo`."
        )
    return sorted(folder.glob("*.toml"))


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSettings(f"{file}: not a TOML file: {error}") from None
    except OSError as error:
        raise BadSettings(f"{file} cannot be read: {error.strerror}.") from None


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """`QBO_MILESTONES_BILLING__STARTS_ON=2026-10-01` is `billing.starts_on`."""
    values: dict[str, Any] = {}
    for name, text in environment.items():
        if name.startswith(PREFIX) and name not in _OWN:
            _put(values, name.removeprefix(PREFIX).lower().split("__"), text)
    return values


def _from_options(options: Iterable[str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for option in options:
        name, equals, text = option.partition("=")
        if not equals:
            raise BadSettings(f"--set {option}: write name=value, for example --set billing.starts_on=2026-10-01")
        _put(values, name.strip().split("."), text)
    return values


def _put(values: dict[str, Any], path: list[str], text: str) -> None:
    for part in path[:-1]:
        inner = values.setdefault(part, {})
        values = inner if isinstance(inner, dict) else {}
    values[path[-1]] = text


def _lay_over(values: dict[str, Any], later: Mapping[str, Any], origins: dict[str, str], origin: str) -> None:
    def lay(below: dict[str, Any], above: Mapping[str, Any], prefix: str) -> None:
        for name, value in above.items():
            path = f"{prefix}{name}"
            if isinstance(value, Mapping) and isinstance(below.get(name), dict):
                lay(below[name], value, f"{path}.")
            else:
                below[name] = dict(value) if isinstance(value, Mapping) else value
                origins.update({path: origin, **{f"{path}.{inner}": origin for inner in _paths(value)}})

    lay(values, later, "")


def _paths(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield str(name)
            yield from (f"{name}.{path}" for path in _paths(inner))


def _sentences(error: ValidationError, origins: Mapping[str, str]) -> Iterator[str]:
    for problem in error.errors(include_url=False, include_input=False):
        path = ".".join(str(part) for part in problem["loc"])
        where = f" (from {origins[path]})" if path in origins else ""
        if problem["type"] == "extra_forbidden":
            yield f"Unknown setting {path}{where}.{_suggestion(path)}"
        else:
            message = problem["msg"].removeprefix("Value error, ")
            yield f"Setting {path}{where}: {message}." if path else f"{message}."


def _suggestion(path: str) -> str:
    """The known setting or table whose last word is the nearest to that of `path`, as a question."""
    names = {name for setting in known() for name in (setting, setting.rpartition(".")[0]) if name}
    by_word: dict[str, list[str]] = {}
    for name in sorted(names, key=lambda name: (name.rpartition(".")[0] != path.rpartition(".")[0], name)):
        by_word.setdefault(name.rpartition(".")[2], []).append(name)
    near = difflib.get_close_matches(path.rpartition(".")[2], by_word, n=1, cutoff=0.6)
    return f" Did you mean {by_word[near[0]][0]}?" if near else ""


def known(table: type[BaseModel] = Settings, prefix: str = "") -> Iterator[str]:
    """The name of every setting, as it is written with dots."""
    for name, field in table.model_fields.items():
        if table is Settings and name == "folder":
            continue
        path = prefix + (field.alias or name)
        inner = _table_of(field.annotation)
        yield from known(inner, f"{path}.") if inner else (path,)


def _table_of(annotation: object) -> type[BaseModel] | None:
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return None
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None
