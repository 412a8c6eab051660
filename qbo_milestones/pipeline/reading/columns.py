"""The register's format as data: its four sheets, their columns, and what each column means (register.md)."""

import re
import unicodedata
from dataclasses import dataclass

_SQUEEZED = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, the field it fills, how its cells are read, and what it means to a person.

    `kind` is a key of `cells.readers`. `expected` columns are missed when they are not there; `choices` are the
    words that a word column knows; `also` are other headers that mean the same.
    """

    name: str
    field: str
    kind: str
    meaning: str
    expected: bool = False
    choices: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """One sheet: its name, its columns, the first of which is the key, and its prefix in the one-sheet form."""

    name: str
    columns: tuple[Column, ...]
    prefix: str = ""

    @property
    def key(self) -> Column:
        """The column without which a row of this sheet is nothing."""
        return self.columns[0]


def squeeze(text: str) -> str:
    """A header or sheet name as names are matched: no case, spaces, underscores or punctuation (register.md)."""
    return _SQUEEZED.sub("", unicodedata.normalize("NFKC", text).casefold())


CONTRACTS = Form(
    "Contracts",
    (
        Column("Contract", "reference", "id", "Reference of the statement of work, e.g. SOW-2026-014.", True),
        Column("Version", "version", "whole", "1, 2, ... An amendment is a new row with the next version."),
        Column("Effective from", "effective_from", "day", "Date from which this version counts.", True),
        Column("Customer", "customer", "text", "Customer in QuickBooks: its display name, or id:123.", True),
        Column("Project", "project", "text", "Sub-customer or project in QuickBooks, if there is one."),
        Column("Currency", "currency", "currency", "ISO code, e.g. USD.", True),
        Column("Contract value", "value", "amount", "Total of this version without tax: billing stops there.", True),
        Column("Document", "document", "text", "File or link of the signed document.", True),
        Column("Signed on", "signed_on", "day", "Date on which this version was signed.", True),
        Column("Signed by", "signed_by", "text", "Who signed this version."),
        Column("Payment terms", "terms", "text", "Name of the term in QuickBooks, e.g. Net 30."),
        Column("PO number", "po_number", "id", "The client's purchase order, printed on the invoice."),
        Column("Bill to e-mail", "bill_email", "text", "Where the invoice goes; empty: the customer's own."),
        Column("Tax code", "tax_code", "text", "Tax code in QuickBooks; empty: the one of the settings."),
        Column(
            "Profile",
            "profile",
            "word",
            "How revenue is booked: unbilled (default), deferred or none.",
            choices=("unbilled", "deferred", "none"),
        ),
        Column(
            "Revenue policy",
            "revenue_policy",
            "word",
            "point_in_time_acceptance (default), output_milestone or external.",
            choices=("point_in_time_acceptance", "output_milestone", "external"),
        ),
        Column("Acceptance window", "window", "count", "Business days; empty: no deemed acceptance."),
        Column("Deemed clause", "deemed_clause", "text", "The clause that allows deemed acceptance."),
        Column("Calendar", "calendar", "text", "Holidays that count, e.g. US-NY; empty: the settings'."),
        Column("Time zone", "time_zone", "text", "e.g. America/New_York; empty: the settings'."),
        Column("Partial acceptance", "partial_acceptance", "text", "How it is handled: clause or sentence.", True),
        Column("Disputes", "disputes", "text", "How they are handled: clause or sentence.", True),
        Column("Change process", "change_process", "text", "How scope and fee are changed: clause or sentence.", True),
        Column("Retention", "retention", "percent", "Percent held back; empty: none. Write 10%, or 10."),
        Column("Risk", "risk", "word", "low, normal (default) or high.", choices=("low", "normal", "high")),
        Column("Reconciliation owner", "owner", "text", "Who clears the flags of this contract."),
    ),
    prefix="Contract",
)

DELIVERABLES = Form(
    "Deliverables",
    (
        Column(
            "Deliverable ID",
            "id",
            "id",
            "The trace key, on every invoice and journal: unique, never reused, never changed.",
            True,
        ),
        Column("Contract", "contract", "id", "Reference of the contract it stands on.", True),
        Column("Contract version", "contract_version", "whole", "Version of the contract it stands on."),
        Column("Milestone", "milestone", "text", "The checkpoint it belongs to."),
        Column("Deliverable", "name", "text", "Name of the output.", True),
        Column(
            "Type",
            "type",
            "word",
            "Only a deliverable can be billed.",
            True,
            choices=("deliverable", "milestone", "task", "control"),
        ),
        Column("Output", "output", "text", "What the client inspects: file, link or place.", True),
        Column("Acceptance test", "acceptance_test", "text", "The criteria; several are numbered lines.", True),
        Column("Approver", "approver", "text", "A named person, the role in brackets: Dana Reyes (owner).", True),
        Column("Delegates", "delegates", "delegates", "Who else may sign: Kim Lee 2026-03-01..2026-03-31; ..."),
        Column("Billable", "billable", "word", "yes, no, or N/C for no charge.", True, choices=("yes", "no", "n/c")),
        Column(
            "Invoice trigger",
            "trigger",
            "word",
            "What lets it be billed: acceptance, deemed acceptance, or nothing.",
            True,
            choices=("acceptance", "deemed", "none"),
        ),
        Column("Fallback if rejected", "fallback", "text", "What happens if the client rejects it.", True),
        Column("Amount", "amount", "amount", "A fixed amount. This or Percent, never both."),
        Column("Percent", "percent", "percent", "Percentage of the contract value: 25% or 25. This or Amount."),
        Column("Target date", "target_date", "day", "When it should be done.", True),
        Column("Revision", "revision", "whole", "1, 2, ... of the scope of this deliverable."),
        Column("Parent", "parent", "id", "The deliverable that this one was split from."),
        Column("Blocked by", "blocked_by", "ids", "IDs of control milestones, with commas between."),
        Column("Submitted on", "submitted", "moment", "When it was handed to the client."),
        Column("Submission evidence", "submission_evidence", "text", "How it was handed to the client: file or link."),
        Column("Item", "item", "text", "Item in QuickBooks; empty: the settings'."),
        Column("Class", "class_name", "text", "Class in QuickBooks; empty: the settings'."),
        Column("Location", "location", "text", "Location in QuickBooks; empty: the settings'."),
        Column("Tax code", "tax_code", "text", "Tax code in QuickBooks; empty: the contract's."),
        Column(
            "Already invoiced as",
            "already_invoiced_as",
            "id",
            "Number of an invoice made by hand before this program: never billed again.",
        ),
        Column("Owner", "owner", "text", "Account manager."),
        Column(
            "Amount / Percent",
            "share",
            "share",
            "One column for both: 2,500.00, or 25% or 25 percent.",
            also=("Amount or percent",),
        ),
    ),
)

SIGN_OFFS = Form(
    "Sign-offs",
    (
        Column("Deliverable ID", "deliverable", "id", "The deliverable that was decided on.", True),
        Column("Revision", "revision", "whole", "Its revision that was decided on."),
        Column(
            "Decision",
            "decision",
            "word",
            "What was decided.",
            True,
            choices=("accepted", "accepted in part", "rejected", "conditional", "revoked", "clarified"),
        ),
        Column("Signed by", "signed_by", "text", "The approver, or a recorded delegate on that date.", True),
        Column("Signed at", "signed", "moment", "Date and time in the contract's zone, or the date alone.", True),
        Column("Evidence", "evidence", "text", "File under the evidence folder, or a link with its SHA-256.", True),
        Column("Evidence SHA-256", "sha256", "sha256", "Hash of the evidence, if known; checked."),
        Column("Statement", "statement", "text", "The words used."),
        Column(
            "Channel",
            "channel",
            "word",
            "written (default) or verbal: verbal never bills.",
            choices=("written", "verbal"),
        ),
        Column("Version reviewed", "version_reviewed", "text", "Version of the output that was reviewed."),
        Column("Criteria", "criteria", "text", "Which criteria were met or failed, by number."),
        Column("Defects", "defects", "text", "What failed, by criterion; required for a rejection."),
        Column("Re-review date", "re_review_date", "day", "When it is reviewed again; required for a rejection."),
        Column("Rejected part", "rejected_part", "text", "Amount or percentage and description, if in part."),
    ),
    prefix="Sign-off",
)

CHANGES = Form(
    "Changes",
    (
        Column("Change ID", "id", "id", "Unique name of the change request.", True),
        Column("Contract", "contract", "id", "The contract it changes.", True),
        Column("Deliverable ID", "deliverable", "id", "The deliverable it touches, where it touches one."),
        Column("Requested on", "requested_on", "day", "When it was asked for."),
        Column("Description", "description", "text", "What is asked for."),
        Column(
            "Decision",
            "decision",
            "word",
            "The written decision.",
            True,
            choices=("in scope", "fee update", "declined", "undecided"),
        ),
        Column("Fee delta", "fee_delta", "amount", "What the fee goes up or down by, with its sign."),
        Column("Decided by", "decided_by", "text", "Who decided."),
        Column("Decided at", "decided_on", "day", "When it was decided."),
        Column("Evidence", "evidence", "text", "File or link of the written decision."),
    ),
)

FORMS = (CONTRACTS, DELIVERABLES, SIGN_OFFS, CHANGES)
