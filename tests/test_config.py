"""Settings: where each comes from, what is refused, and that no secret shows (rulings 11, 12, 25; design.md)."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from qbo_milestones.checkup.machine import witness
from qbo_milestones.config import PREFIX, Settings, known, load
from qbo_milestones.errors import BadSettings
from qbo_milestones.keys import KEY_VARIABLE
from qbo_milestones.wiring import epochs_of, rules_of

ROOT = Path(__file__).parents[1]
CANARY = "canary-7f3a9c51"


def write(folder: Path, text: str, name: str = "settings.toml") -> Path:
    """A settings file in the folder; returns the folder."""
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def refused(folder: Path, environment: Mapping[str, str] | None = None, options: tuple[str, ...] = ()) -> str:
    """Why these settings are refused."""
    with pytest.raises(BadSettings) as caught:
        load(folder, environment or {}, options)
    assert caught.value.__cause__ is None
    return caught.value.text


@pytest.mark.parametrize(
    ("file", "environment", "option", "item"),
    [
        (False, False, False, "Milestone"),
        (True, False, False, "from the file"),
        (True, True, False, "from the environment"),
        (False, True, False, "from the environment"),
        (True, True, True, "from the options"),
        (True, False, True, "from the options"),
    ],
)
def test_the_later_wins(tmp_path: Path, file: bool, environment: bool, option: bool, item: str) -> None:
    """design.md: files, then the environment, then options."""
    write(tmp_path, '[billing]\nitem = "from the file"\nlocation = "Boston"' if file else "")
    variables = {f"{PREFIX}BILLING__ITEM": "from the environment"} if environment else {}
    settings = load(tmp_path, variables, ["billing.item=from the options"] if option else [])
    assert settings.billing.item == item
    # The neighbour of what was overruled stays.
    assert settings.billing.location == ("Boston" if file else "")


def test_files_are_read_in_order_of_name_and_joined(tmp_path: Path) -> None:
    """A folder of several files: tables are joined, the later file wins."""
    write(tmp_path, 'company = "one"\n[billing]\nitem = "A"\nlocation = "Boston"', "10-base.toml")
    write(tmp_path, '[billing]\nitem = "B"', "20-more.toml")
    write(tmp_path, '[billing]\nitem = "C"', "ignored.txt")
    settings = load(tmp_path, {})
    assert (settings.company, settings.billing.item, settings.billing.location) == ("one", "B", "Boston")


def test_values_have_their_types(tmp_path: Path) -> None:
    """Ruling 21: money is never a float, wherever it comes from."""
    write(tmp_path, "[limits]\namount_per_run = 100000.10")
    from_file = load(tmp_path, {}).limits.amount_per_run
    from_text = load(tmp_path, {}, ["limits.amount_per_run=100000.10"]).limits.amount_per_run
    assert from_file == from_text == Decimal("100000.10")
    settings = load(tmp_path, {f"{PREFIX}BILLING__STARTS_ON": "2026-10-01", f"{PREFIX}LIVE": "true"})
    assert (settings.billing.starts_on, settings.live) == (date(2026, 10, 1), True)


@pytest.mark.parametrize(
    ("text", "name", "suggestion"),
    [
        ("[billing]\nstart_on = 2026-10-01", "billing.start_on", "billing.starts_on"),
        ("[billng]\nitem = 'x'", "billng", "billing"),
        ("[limit]\ninvoices_per_run = 1", "limit", "limits"),
        ("starts_on = 2026-10-01", "starts_on", "billing.starts_on"),
        ("[posting]\nquiet = 10", "posting.quiet", "posting.quiet_s"),
        ("[quickbooks]\nclientid = 'x'", "quickbooks.clientid", "quickbooks.client_id"),
        ("[register]\nfile = 'x'", "register.file", ""),
        ("zzzzzz = 1", "zzzzzz", ""),
    ],
)
def test_an_unknown_name_in_a_file_is_an_error_with_a_suggestion(
    tmp_path: Path, text: str, name: str, suggestion: str
) -> None:
    """design.md: an unknown setting is an error with a suggestion; it names the file."""
    sentence = refused(write(tmp_path, text))
    assert f"Unknown setting {name} (from settings.toml)." in sentence
    assert (f"Did you mean {suggestion}?" in sentence) if suggestion else True


@pytest.mark.parametrize(
    ("variable", "name", "suggestion"),
    [
        ("BILLING__START_ON", "billing.start_on", "billing.starts_on"),
        ("BILLING_STARTS_ON", "billing_starts_on", "billing.starts_on"),
        ("LIFE", "life", "live"),
        ("QUICKBOOKS__CLIENT_SECRETS", "quickbooks.client_secrets", "quickbooks.client_secret"),
        # Only the outer table of the program's own is not for people.
        ("FOLDER_", "folder_", ""),
    ],
)
def test_an_unknown_variable_with_our_prefix_is_an_error(
    tmp_path: Path, variable: str, name: str, suggestion: str
) -> None:
    """Ruling 25."""
    sentence = refused(tmp_path, {f"{PREFIX}{variable}": CANARY})
    assert f"Unknown setting {name} (from the environment)." in sentence
    assert f"Did you mean {suggestion}?" in sentence or not suggestion
    assert CANARY not in sentence


def test_other_variables_and_the_programs_own_are_not_settings(tmp_path: Path) -> None:
    """Ruling 25: only our prefix; the folder and the key to the tokens are read elsewhere."""
    own = {
        f"{PREFIX}CONFIG": "x",
        KEY_VARIABLE: "x",
        f"{KEY_VARIABLE}_OLD": "x",
        "QBO_OTHER": "x",
        "HOME": "/x",
        "BILLING__ITEM": "x",
    }
    assert load(tmp_path, own) == load(tmp_path, {})


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("billing.start_on=2026-10-01", ("Unknown setting billing.start_on", "the options", "billing.starts_on?")),
        ("billing.starts_on", ("--set billing.starts_on", "name=value")),
        ("limits.invoices_per_run=many", ("Setting limits.invoices_per_run", "the options", "integer")),
        ("posting.lanes=11", ("Setting posting.lanes", "less than or equal to 10")),
        ("posting.quiet_s=0", ("Setting posting.quiet_s", "greater than 0")),
        ("quickbooks.environment=live", ("Setting quickbooks.environment", "'production'")),
        ("limits.amount_per_run=-1", ("Setting limits.amount_per_run",)),
        ("time_zone=Mars/Olympus", ("Setting time_zone", "'Mars/Olympus' is not a time zone", "America/New_York")),
        ("time_zone=../etc", ("Setting time_zone", "not a time zone")),
        ("billing=5", ("Setting billing",)),
        ("=5", ("Unknown setting",)),
    ],
)
def test_a_bad_option_is_named(tmp_path: Path, option: str, words: tuple[str, ...]) -> None:
    """design.md: BadSettings says which, why and where from."""
    sentence = refused(tmp_path, options=(option,))
    assert all(word in sentence for word in words), sentence


def test_where_the_settings_lie_is_no_setting(tmp_path: Path) -> None:
    """Ruling 25: a name that would be taken and then forgotten is an error too."""
    assert "Unknown setting folder (from settings.toml)" in refused(write(tmp_path, 'folder = "/elsewhere"'))
    assert "Unknown setting folder (from the environment)" in refused(tmp_path, {f"{PREFIX}FOLDER": "x"})


def test_an_owner_has_a_role_that_is_known(tmp_path: Path) -> None:
    """accounting.md 6: a mistyped role would be nobody's work."""
    good = load(write(tmp_path, '[owners]\n"billing clerk" = "Ana Lopes"'), {})
    assert good.owners == {"billing clerk": "Ana Lopes"}
    sentence = refused(write(tmp_path, '[owners]\n"biling clerk" = "Ana Lopes"'))
    assert "Setting owners (from settings.toml): 'biling clerk' is not a role" in sentence
    assert "billing clerk" in sentence


def test_every_trouble_is_told_at_once(tmp_path: Path) -> None:
    """A person corrects a file once."""
    sentence = refused(write(tmp_path, "live = 5\n[billing]\nitems = 'x'"), options=("posting.lanes=0",))
    assert len(sentence.splitlines()) == 3


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    """What to do is said with it."""
    sentence = refused(tmp_path / "nowhere")
    assert str(tmp_path / "nowhere") in sentence
    assert "--config" in sentence


@pytest.mark.parametrize("text", ["[billing\nitem = 1", "item = ", "a = 1\na = 2", "\ufffe".encode().decode() + "\x00"])
def test_a_broken_file_is_named(tmp_path: Path, text: str) -> None:
    """The line where reading stopped is told."""
    sentence = refused(write(tmp_path, text))
    assert "settings.toml: not a TOML file" in sentence


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    """Not a traceback."""
    (tmp_path / "settings.toml").write_bytes('company = "Müller"'.encode("latin-1"))
    assert "settings.toml: not a TOML file" in refused(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        f'[quickbooks]\nclient_secret = "{CANARY}"\nrealms = "1"',
        f'[quickbooks]\nclient_secret = ["{CANARY}"]',
        f'[quickbooks]\nclient_secret = {{ a = "{CANARY}" }}',
        f'[quickbooks]\nclient_secrets = "{CANARY}"',
        f'[quickbooks]\nenvironment = "{CANARY}"',
        f'quickbooks = "{CANARY}"',
    ],
)
def test_no_secret_stands_in_an_error(tmp_path: Path, text: str) -> None:
    """design.md, What must always hold 7: whatever is wrong around it."""
    assert CANARY not in refused(write(tmp_path, text))
    assert CANARY not in refused(tmp_path, {f"{PREFIX}QUICKBOOKS__CLIENT_SECRET": CANARY, f"{PREFIX}LIVE": "x"})


def test_no_secret_stands_in_the_settings_as_text(tmp_path: Path) -> None:
    """design.md, What must always hold 7: a log of the settings does not tell it, who needs it asks for it."""
    settings = load(tmp_path, {f"{PREFIX}QUICKBOOKS__CLIENT_SECRET": CANARY})
    texts = (str(settings), repr(settings), str(settings.quickbooks), settings.model_dump_json(), f"{settings}")
    assert not any(CANARY in text for text in texts)
    assert settings.quickbooks.client_secret.get_secret_value() == CANARY


@pytest.mark.parametrize("environment", ["sandbox", "production"])
def test_a_real_company_needs_its_first_day(tmp_path: Path, environment: str) -> None:
    """Ruling 11; ruling 12: and nothing is posted to it until the settings say live."""
    sentence = refused(tmp_path, options=(f"quickbooks.environment={environment}",))
    assert "billing.starts_on is required" in sentence
    settings = load(tmp_path, {}, [f"quickbooks.environment={environment}", "billing.starts_on=2026-12-01"])
    assert settings.real
    assert not settings.live


def test_the_simulator_needs_neither(tmp_path: Path) -> None:
    """Ruling 12."""
    settings = load(tmp_path, {})
    assert (settings.real, settings.live, settings.billing.starts_on) == (False, False, None)
    assert settings.invoice.send is False
    assert settings.posting.quiet_s == 450


def test_relative_paths_count_from_the_folder_of_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever the command is called from; a file names its own folder."""
    folder = tmp_path / "northlight"
    folder.mkdir()
    write(folder, 'home = "data"\n[evidence]\nfolder = "../evidence"')
    monkeypatch.chdir(tmp_path)
    for named in (Path("northlight"), Path("northlight/settings.toml"), folder):
        settings = load(named, {})
        assert settings.home_folder == folder / "data"
        assert settings.path(settings.evidence.folder).resolve() == tmp_path / "evidence"
    monkeypatch.setenv("HOME", str(tmp_path))
    assert settings.path(Path("~/keys/key")) == tmp_path / "keys" / "key"
    assert settings.path(tmp_path / "key") == tmp_path / "key"


def test_settings_are_frozen(tmp_path: Path) -> None:
    """design.md: settings, frozen."""
    settings = load(tmp_path, {})
    with pytest.raises(ValueError, match="frozen"):
        settings.live = True
    with pytest.raises(ValueError, match="frozen"):
        settings.billing.item = "x"


@pytest.mark.parametrize("file", sorted((ROOT / "config").glob("**/*.toml")), ids=lambda file: file.name)
def test_the_settings_that_we_ship_are_right(file: Path) -> None:
    """The default works at once; each example loads as it stands."""
    settings = load(file, {})
    assert isinstance(settings, Settings)
    assert not settings.live
    assert settings.quickbooks.client_secret.get_secret_value() == ""


def test_the_default_names_the_demo_register() -> None:
    """config/: a default that works at once."""
    settings = load(ROOT / "config", {})
    assert not settings.real
    assert settings.path(Path(settings.register_.source)).is_file()
    assert settings.path(settings.evidence.folder).is_dir()


def test_every_setting_can_come_from_the_environment(tmp_path: Path) -> None:
    """design.md: each name with dots has its variable; the list has no doubles."""
    names = list(known())
    assert len(names) == len(set(names))
    assert "folder" not in names
    bad = {PREFIX + name.upper().replace(".", "__"): "\x00" for name in names if name != "owners"}
    with pytest.raises(BadSettings) as caught:
        load(tmp_path, {**bad, f"{PREFIX}OWNERS": "x"})
    assert "Unknown setting" not in caught.value.text


def test_patience_scales_quiet_time_and_lease_together() -> None:
    """So that a proof with many kills does not take days, and no time is ever 0 (ruling 7)."""
    rules = rules_of(load(None, {}, ["posting.patience=0.01"]), "1", "USD")
    assert (rules.quiet, rules.lease_for) == (timedelta(seconds=4.5), timedelta(seconds=0.3))
    assert "patience" in refused(Path(), options=("posting.patience=0",))


def test_one_company_s_secrets_may_lie_in_a_file_of_its_own(tmp_path: Path) -> None:
    """A variable is one for all companies of a worker; a check and a digest are better each company's own."""
    (tmp_path / "northlight.toml").write_text('company = "northlight"\n', encoding="utf-8")
    secrets = '[ping]\nurl = "https://hc.example/a-secret"\n[digest]\nto = ["mailtos://a:b@mail.example"]\n'
    (tmp_path / "secrets.toml").write_text(secrets, encoding="utf-8")
    found = load(tmp_path, {})
    assert (found.company, found.ping.url.get_secret_value()) == ("northlight", "https://hc.example/a-secret")
    assert [one.get_secret_value() for one in found.digest.to] == ["mailtos://a:b@mail.example"]
    assert "a-secret" not in repr(found)


def test_the_witness_lies_apart_from_a_real_company_s_database(tmp_path: Path) -> None:
    """Ruling 27: a database that is restored together with its count of runs is not known as restored."""
    real = ("quickbooks.environment=production", "billing.starts_on=2026-10-01")
    beside, file, apart = ((), ("key.source=file", "key.file=keys/key"), ("witness=elsewhere",))
    found = [load(tmp_path, {}, [*real, *more]) for more in (beside, file, apart)]
    assert [one.witness_folder.name for one in found] == ["data", "keys", "elsewhere"]
    assert [len(list(witness(one))) for one in found] == [1, 0, 0]
    assert list(witness(load(tmp_path, {}))) == []
    epochs_of(found[2]).write(3)
    assert epochs_of(found[2]).read() == 3
    assert [path.name for path in (tmp_path / "elsewhere").iterdir()] == ["simulator.epoch"]
