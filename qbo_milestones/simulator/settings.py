"""The switches: where the sources are unsure, both answers can be chosen (quickbooks-online.md 13)."""

from dataclasses import asdict, dataclass, fields, replace

from qbo_milestones.simulator.asked import NotUnderstood, one_of

CHOICES: dict[str, tuple[str, ...]] = {
    "duplicate_docnumber": ("refuse", "accept"),
    "unbalanced_journal": ("2300", "6000"),
    "journal_control_accounts": ("one", "several"),
    "journal_names": ("several", "one"),
    "item_asset_account": ("accept", "refuse"),
    "bundle_create": ("refuse", "accept"),
    "duplicate_name_detail": ("words", "id"),
    "job_names": ("unique", "per_parent"),
    "unknown_customer": ("2500", "6250"),
    "inactive_parent": ("cascade", "keep"),
    "renamed_references": ("now", "then"),
    "inactive_with_balance": ("refuse", "accept"),
    "url_without_scheme": ("accept", "refuse"),
    "closing_fault": ("6210", "6200"),
    "inactive_reference": ("610", "2500"),
    "unused_features": ("drop", "keep"),
    "retainage": ("ignore", "keep"),
    "form_addresses": ("flatten", "keep"),
    "ipn_payment": ("accept", "refuse"),
    "invoiced_estimate": ("Closed", "Converted"),
    "requestid_scope": ("realm", "app"),
    "requestid_other_body": ("replay", "refuse"),
    "orderby_id": ("ignore", "refuse", "sort"),
    "unquoted_numbers": ("accept", "refuse"),
    "quoted_booleans": ("accept", "refuse"),
    "query_negation": ("refuse", "accept"),
    "backslash_in_strings": ("escape", "literal"),
    "too_many_rows": ("refuse", "clamp"),
    "projection_of_groups": ("refuse", "accept"),
    "content_type_fault": ("500", "1050"),
    "batch_long_ids": ("2130", "6000"),
    "batch_units": ("call", "items"),
    "throttle_body": ("gateway", "fault", "xml"),
    "door_fault_body": ("xml", "json"),
    "closed_company_status": ("503", "401", "403"),
    "ended_subscription_status": ("400", "200"),
    "negative_sales_lines": ("accept", "refuse"),
    "refresh_rotation": ("always", "daily"),
    "stale_refresh": ("refuse", "revoke"),
    "revoked_grant": ("3200", "3201", "3100"),
    "openid_issuer": ("own", "intuit"),
    "attachment_types": ("refuse", "accept"),
    "empty_upload": ("accept", "refuse"),
    "sparse_repeats": ("accept", "refuse"),
    "cdc_too_old": ("refuse", "answer"),
    "send_without_address": ("6420", "2020"),
    "upload_without_length": ("accept", "refuse"),
    "webhook_content_type": ("application/json", "application/cloudevents+json"),
    "webhook_data": ("empty", "alternative_ids", "entity"),
    "webhook_inactivation": ("Delete", "Update"),
    "webhook_realms": ("mixed", "one"),
    "reports_version": ("v1", "v2"),
    "report_columns": ("own", "asked"),
    "report_beginning_balance": ("shown", "blank"),
}


@dataclass(frozen=True, slots=True)
class Settings:
    """Every switch with its default. Times are simulated seconds; None means for ever or absent."""

    auto_approve: bool = False
    throttle: bool = True
    throttle_body: str = "gateway"
    limit_realm_minute: int = 500
    limit_app_second: int = 10
    limit_batch_realm_minute: int = 120
    limit_batch_app_minute: int = 40
    limit_concurrent: int | None = None
    limit_mails_day: int = 40
    coreplus_limit: int | None = None
    batch_units: str = "call"
    door_fault_body: str = "xml"
    closed_company_status: str = "503"
    ended_subscription_status: str = "400"
    retry_after_s: int | None = None
    duplicate_docnumber: str = "refuse"
    unbalanced_journal: str = "2300"
    journal_control_accounts: str = "one"
    journal_names: str = "several"
    item_asset_account: str = "accept"
    bundle_create: str = "refuse"
    duplicate_name_detail: str = "words"
    job_names: str = "unique"
    unknown_customer: str = "2500"
    inactive_parent: str = "cascade"
    renamed_references: str = "now"
    inactive_with_balance: str = "refuse"
    url_without_scheme: str = "accept"
    closing_fault: str = "6210"
    inactive_reference: str = "610"
    unused_features: str = "drop"
    retainage: str = "ignore"
    form_addresses: str = "flatten"
    custom_field_length: int = 31
    payment_ref_length: int = 21
    ipn_payment: str = "accept"
    invoiced_estimate: str = "Closed"
    requestid_window_s: int | None = None
    requestid_scope: str = "realm"
    requestid_other_body: str = "replay"
    requestid_replays_faults: bool = False
    requestid_replay_counts: bool = True
    batch_long_ids: str = "2130"
    orderby_id: str = "ignore"
    unquoted_numbers: str = "accept"
    quoted_booleans: str = "accept"
    query_negation: str = "refuse"
    parser_expectations: bool = False
    backslash_in_strings: str = "escape"
    too_many_rows: str = "refuse"
    projection_of_groups: str = "refuse"
    content_type_fault: str = "500"
    cdc_time_activity: bool = False
    negative_sales_lines: str = "accept"
    payment_shows_deposit: bool = True
    refresh_rotation: str = "always"
    refresh_grace_s: int = 0
    stale_refresh: str = "refuse"
    revoked_grant: str = "3200"
    openid_issuer: str = "own"
    oauth_error_description: bool = True
    code_life_s: int = 600
    access_life_s: int = 3600
    batch_limit: int = 30
    attachment_types: str = "refuse"
    attaching_changes_target: bool = True
    empty_upload: str = "accept"
    sparse_repeats: str = "accept"
    cdc_too_old: str = "refuse"
    send_without_address: str = "6420"
    upload_without_length: str = "accept"
    upload_limit: int = 100 * 1024 * 1024
    mischief_seed: int = 0
    webhook_content_type: str = "application/json"
    webhook_data: str = "empty"
    webhook_datacontenttype: bool = True
    webhook_followed: bool = True
    webhook_holds_back: bool = True
    webhook_inactivation: str = "Delete"
    webhook_realms: str = "mixed"
    webhook_timer: bool = True
    webhook_window_s: int = 0
    reports_version: str = "v1"
    report_columns: str = "own"
    report_beginning_balance: str = "shown"

    def changed(self, wanted: dict[str, object]) -> "Settings":
        """A copy with these switches set; an unknown name or value is refused."""
        for name, value in wanted.items():
            _check(name, value)
        return replace(self, **wanted)  # type: ignore[arg-type]  # every value was checked just above

    def as_json(self) -> dict[str, object]:
        """All switches by name."""
        return asdict(self)


def _check(name: str, value: object) -> None:
    known = {field.name: field for field in fields(Settings)}
    if name not in known:
        raise NotUnderstood(f"unknown switch {name!r}", name, sorted(known))
    if name in CHOICES:
        one_of(value, name, CHOICES[name])
        return
    default = known[name].default
    if value is None and default is None:
        return
    if not isinstance(value, int) or isinstance(value, bool) != isinstance(default, bool):
        wanted = "true or false" if isinstance(default, bool) else "a whole number"
        raise NotUnderstood(f"{name} wants {wanted}, not {value!r}", name)
