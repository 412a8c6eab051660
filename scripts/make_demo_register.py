"""Writes the demo's register, as the agency Northlight Studio keeps it in November 2026, and its evidence files.

The rows are tables in this file; the comment beside a row says what it is there to show. Three of them are the example
rows of the requirements with their exact texts: D-201, whose approver stays the bare role and therefore is held,
D-202, where a person stands before the role and which is billed, and QA-201, the resolved control that D-202 waits for.
"""

import argparse
import hashlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from qbo_milestones.pipeline.reading.columns import CHANGES, CONTRACTS, DELIVERABLES, FORMS, SIGN_OFFS, Column, Form

Value = str | Decimal | date
Row = dict[str, Value]

HERE = Path(__file__).resolve().parents[1] / "config" / "demo"
MADE = datetime(2026, 11, 20, 17, 30)  # noqa: DTZ001 - what the workbook says of itself has no zone
OWN_DOMAIN = "northlight.example"


def day(text: str) -> date:
    """A date, or a date with a time of day, from ISO text."""
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


def contract(reference: str, version: int, customer: str, value: str, terms: str, signed: str, **more: Value) -> Row:
    """One version of a contract with the written terms that most of them share."""
    row: Row = {
        "reference": reference,
        "version": Decimal(version),
        "effective_from": day(signed),
        "customer": customer,
        "currency": "USD",
        "value": Decimal(value),
        "document": f"contracts/{reference}{f'-v{version}' if version > 1 else ''}.pdf",
        "signed_on": day(signed),
        "terms": terms,
        "profile": "unbilled",
        "revenue_policy": "point_in_time_acceptance",
        "calendar": "US-NY",
        "time_zone": "America/New_York",
        "partial_acceptance": "section 7.4: the accepted part is split off in writing",
        "disputes": "section 12: written notice within 10 business days",
        "change_process": "section 9: written change request, decided on scope and fee",
        "risk": "normal",
    }
    return row | more


ACME, BETA, HARBOR, CEDAR, EVERGREEN = ("SOW-2026-014", "SOW-2026-017", "SOW-2026-019", "SOW-2026-020", "SOW-2026-021")
DELTA, GALLERY, IRIS, JUNIPER, FJORD = ("SOW-2026-022", "SOW-2026-023", "SOW-2026-024", "SOW-2026-025", "SOW-2026-026")
ROBIN, MAYA = "Robin Hale", "Maya Okafor"
NO_TERMS: Row = {"partial_acceptance": "", "disputes": "", "change_process": ""}
WEBSITE: Row = {"project": "Acme Robotics website", "signed_by": "Dana Whitfield", "owner": ROBIN}
PORTAL: Row = {"project": "Beta Health patient portal", "signed_by": "Luis Moreno", "owner": MAYA}

ALL_CONTRACTS: Sequence[Row] = (
    contract(ACME, 1, "Acme Robotics", "58000", "Net 30", "2026-06-08", po_number="PO-88121", **WEBSITE),
    # The amendment after CR-02: 14,000 more for the component library and the launch.
    contract(ACME, 2, "Acme Robotics", "72000", "Net 30", "2026-10-05", po_number="PO-88121", **WEBSITE),
    # Fixed amounts of 20,000 and 75% of 80,000. The only one whose silence may accept.
    contract(BETA, 1, "Beta Health", "80000", "Net 45", "2026-07-20", window=Decimal(10), deemed_clause="section 7.3",
             po_number="BH-2026-0417", risk="high", **PORTAL),
    # All percentages; 33.33% of 46,250.00 ends on half a cent.
    contract(HARBOR, 1, "Harbor Logistics", "46250", "Net 60", "2026-08-03", signed_by="Wen Zhao", owner=MAYA,
             po_number="HL-3391"),
    # An acceptance window, but no clause that lets it accept anything.
    contract(CEDAR, 1, "Cedar Foods", "38000", "Net 15", "2026-08-17", signed_by="Priya Nair", owner=ROBIN,
             window=Decimal(5)),
    contract(EVERGREEN, 1, "Evergreen Bank", "96000", "Net 45", "2026-07-01", signed_by="Susan Cole", owner=MAYA,
             po_number="4500019276", risk="high"),
    # The cap: 44,450.00 would be accepted of 42,000.00.
    contract(DELTA, 1, "Delta Transit Authority", "42000", "Net 60", "2026-08-24", signed_by="Omar Haddad",
             owner=ROBIN, po_number="DTA-26-1180"),
    # Signed in a hurry, without written terms.
    contract(GALLERY, 1, "Gallery Nine", "12000", "Due on receipt", "2026-09-21", signed_by="Marcus Bell",
             owner=ROBIN, **NO_TERMS),
    contract(IRIS, 1, "Iris Publishing", "30000", "Net 30", "2026-09-07", signed_by="Claire Dubois", owner=MAYA,
             currency="EUR", time_zone="Europe/Paris", calendar="FR"),
    # Nobody has made this customer in QuickBooks yet.
    contract(JUNIPER, 1, "Juniper Hotels", "15500", "Net 30", "2026-10-12", signed_by="Hugo Brandt", owner=ROBIN),
    contract(FJORD, 1, "Fjord Outdoor", "34000", "Net 30", "2026-09-01", signed_by="Ingrid Solberg", owner=MAYA,
             po_number="FO-7730"),
)  # fmt: skip

RESUBMIT = "no invoice; log gaps and resubmit"
# Who approves and what the rows of a contract share, unless a row says otherwise.
SHARED: Mapping[str, Row] = {
    ACME: {"approver": "Dana Reyes (client product owner)", "class_name": "Design", "location": "New York",
           "delegates": "Kim Lee 2026-10-01..2026-10-31", "owner": ROBIN},
    BETA: {"approver": "Jonas Weber (client product owner)", "class_name": "Engineering", "location": "Remote",
           "owner": MAYA},
    HARBOR: {"approver": "Wen Zhao (operations director)", "class_name": "Engineering", "owner": MAYA},
    CEDAR: {"approver": "Priya Nair (brand manager)", "class_name": "Design", "owner": ROBIN},
    EVERGREEN: {"approver": "Susan Cole (head of digital)", "class_name": "Strategy", "location": "New York",
                "owner": MAYA},
    DELTA: {"approver": "Omar Haddad (programme manager)", "class_name": "Design", "owner": ROBIN},
    GALLERY: {"approver": "Marcus Bell (gallery director)", "class_name": "Design", "owner": ROBIN},
    IRIS: {"approver": "Claire Dubois (publisher)", "class_name": "Strategy", "owner": MAYA},
    JUNIPER: {"approver": "Hugo Brandt (head of e-commerce)", "class_name": "Strategy", "owner": ROBIN},
    FJORD: {"approver": "Ingrid Solberg (founder)", "class_name": "Design", "owner": MAYA},
    "": {"approver": "Marcus Bell (gallery director)", "owner": ROBIN},
}  # fmt: skip


def deliverable(
    id_: str, under: str, milestone: str, name: str, share: str, target: str, output: str, test: str, **more: Value
) -> Row:
    """A row that is meant to be billed. `share` is an amount, a percentage, or nothing."""
    row: Row = {
        "id": id_,
        "contract": under,
        "contract_version": Decimal(1),
        "milestone": milestone,
        "name": name,
        "type": "deliverable",
        "output": output,
        "acceptance_test": test,
        "billable": "yes",
        "trigger": "acceptance",
        "fallback": RESUBMIT,
        "target_date": day(target),
        "revision": Decimal(1),
    }
    amount: Row = {"percent": share} if share.endswith("%") else {"amount": Decimal(share)} if share else {}
    return row | SHARED[under] | amount | more


def marker(kind: str, id_: str, under: str, milestone: str, name: str, target: str, test: str, **more: Value) -> Row:
    """A row that is never billed: a task, a milestone or a control."""
    row = deliverable(id_, under, milestone, name, "", target, "internal record", test, type=kind, fallback="none")
    return row | {"billable": "no", "trigger": "none", "delegates": ""} | more


V2: Row = {"contract_version": Decimal(2)}
FILES = "https://files.northlight.example"
STAGING = "https://staging.northlight.example"
ALL_DELIVERABLES: Sequence[Row] = (
    # Acme Robotics: a website as a project, amended to version 2
    deliverable("D-100", ACME, "M1 Discovery", "Discovery workshop report", "4800", "2026-07-10",
                f"{FILES}/acme/discovery.pdf", "1. All five interviews are summed up\n2. Goals are ranked",
                already_invoiced_as="1187"),  # invoiced by hand in July
    deliverable("D-101", ACME, "M1 Discovery", "Brand and content audit", "6500", "2026-09-11",
                f"{FILES}/acme/audit.pdf", "1. Every page of the old site is rated"),  # accepted before we went live
    deliverable("D-102", ACME, "M2 Structure", "Information architecture", "8200", "2026-10-02",
                f"{FILES}/acme/sitemap.pdf", "1. Site map covers all 64 pages\n2. Tree test with 8 users above 80%"),
    deliverable("D-103", ACME, "M3 Design", "Home page and template designs", "12400", "2026-10-23",
                f"{FILES}/acme/templates-v4.pdf", "1. Nine templates for phone and desktop\n2. Brand colours pass AA",
                **V2),  # its evidence comes with its SHA-256, and it is the right one
    deliverable("D-104", ACME, "M3 Design", "Product finder prototype", "9600", "2026-10-30",
                f"{STAGING}/acme/finder", "1. Finds by payload, reach and price\n2. Works without a mouse",
                **V2),  # accepted in part
    deliverable("D-105", ACME, "M3 Design", "Component library", "7350", "2026-10-16",
                f"{FILES}/acme/components", "1. 32 components with all states", **V2),  # a delegate, in time
    deliverable("D-106", ACME, "M3 Design", "Motion guidelines", "3900", "2026-10-30",
                f"{FILES}/acme/motion.pdf", "1. Durations and curves for each component",
                **V2),  # the same delegate, after the last day
    deliverable("D-107", ACME, "M4 Build", "Accessible page templates", "5150", "2026-11-13",
                f"{STAGING}/acme", "1. All templates pass WCAG 2.2 AA", blocked_by="QA-102",
                **V2),  # accepted, but our own check is still open
    marker("control", "QA-102", ACME, "M4 Build", "Accessibility check", "2026-11-20",
           "1. Screen reader test of all templates passed", approver="Kofi Mensah (delivery lead)", **V2),
    deliverable("D-108", ACME, "M4 Build", "Content migration", "6000", "2026-12-04",
                f"{STAGING}/acme", "1. 64 pages moved\n2. No dead links", **V2),  # nobody has signed yet
    marker("task", "T-109", ACME, "M4 Build", "Weekly project call", "2026-12-18", "minutes sent", **V2),
    deliverable("D-110", ACME, "M5 Launch", "Launch and handover", "8100", "2026-12-18",
                "https://www.acme-robotics.example", "1. Site is live\n2. Editors are trained", **V2),

    # Beta Health: the patient portal, fixed amounts and percentages
    deliverable("D-201", BETA, "M1 Scope", "Scope baseline package", "8000", "2026-09-30",
                f"{FILES}/beta/scope-baseline.pdf", "required deliverables submitted and written approval recorded",
                approver="client approver role",  # example row as given: a role is nobody
                trigger="invoice after recorded acceptance"),
    deliverable("D-202", BETA, "M2 Staging", "Staging release milestone", "30%", "2026-11-06",
                f"{STAGING}/beta", "acceptance criteria met in staging and sign-off recorded",
                trigger="invoice after sign-off, or deemed acceptance per contract terms",
                fallback="keep pending; remediate and re-review", blocked_by="QA-201"),  # example row, billed
    marker("control", "QA-201", BETA, "M2 Staging", "Internal QA gate", "2026-11-04", "internal review completed",
           approver="Kofi Mensah (delivery lead)",
           fallback="block downstream milestone until resolved"),  # example row, resolved
    deliverable("D-203", BETA, "M2 Staging", "Patient record integration", "12000", "2026-11-13",
                f"{STAGING}/beta/records", "1. Reads test records of both clinics\n2. Answers within 2 seconds"),
    deliverable("D-204", BETA, "M3 Booking", "Appointment booking", "25%", "2026-11-13",
                f"{STAGING}/beta/booking", "1. Books, moves and cancels\n2. Sends reminders\n3. Respects holidays"),
    deliverable("D-205", BETA, "M4 Release", "Production release", "20%", "2026-11-27",
                "https://portal.betahealth.example", "1. Live for both clinics\n2. No defect of severity 1",
                trigger="deemed", submitted=day("2026-11-19T16:20"),
                submission_evidence=f"{BETA}/D-205-submission.eml"),  # the window is running
    marker("milestone", "M-206", BETA, "M1 Scope", "Design phase complete", "2026-10-16", "all designs handed over"),

    # Harbor Logistics: everything by percentage
    deliverable("D-301", HARBOR, "M1 Design", "Carrier portal wireframes", "33.33%", "2026-10-07",
                f"{FILES}/harbor/wireframes.pdf", "1. Booking, tracking and claims are drawn"),
    deliverable("D-302", HARBOR, "M2 Build", "Carrier portal beta", "33.33%", "2026-10-30",
                f"{STAGING}/harbor", "1. Three carriers book a load\n2. Labels print in all formats"),  # second try
    deliverable("D-303", HARBOR, "M3 Rollout", "Carrier portal rollout", "33.34%", "2026-12-11",
                "https://carriers.harborlogistics.example", "1. All carriers have an account"),
    deliverable("D-304", HARBOR, "M3 Rollout", "Training for dispatchers", "", "2026-12-11",
                f"{FILES}/harbor/training.pdf", "1. One session for each terminal", billable="N/C"),  # no charge

    # Cedar Foods: fixed amounts
    deliverable("D-401", CEDAR, "M1 Packaging", "Packaging design system", "7200", "2026-10-14",
                f"{FILES}/cedar/packaging.pdf", "1. Six product lines\n2. Printer's proof approved"),
    deliverable("D-402", CEDAR, "M2 Campaign", "Seasonal campaign site", "9450.50", "2026-10-20",
                f"{STAGING}/cedar/harvest", "1. Eight recipes\n2. Newsletter sign-up works"),  # clarified
    deliverable("D-403", CEDAR, "M2 Campaign", "Recipe finder", "6800", "2026-11-06",
                f"{STAGING}/cedar/recipes", "1. Filters by season and allergen"),  # a word on the phone
    deliverable("D-404", CEDAR, "M3 Stores", "Store locator", "5600", "2026-10-30",
                f"{STAGING}/cedar/stores", "1. All 41 stores on the map", trigger="deemed",
                submitted=day("2026-10-26T11:05"),
                submission_evidence=f"{CEDAR}/D-404-submission.eml"),  # silence, without a clause
    deliverable("D-405", CEDAR, "M3 Stores", "Photography direction", "2950", "2026-11-06",
                "", "1. Shots are planned for all stores"),  # nothing that the client could look at
    deliverable("0042", CEDAR, "M1 Packaging", "Allergen label templates", "3400", "2026-11-11",
                f"{FILES}/cedar/allergen-labels.pdf", "1. All 14 allergens\n2. Legible at 6 pt"),  # the client's number
    deliverable("T-406", CEDAR, "M3 Stores", "Photo retouching", "1200", "2026-11-20",
                f"{FILES}/cedar/photos", "1. 30 pictures retouched", type="task"),  # a task is never billed

    # Evergreen Bank: most of what can go wrong with a sign-off
    deliverable("D-501", EVERGREEN, "M1 Research", "Onboarding journey map", "11250", "2026-09-30",
                f"{FILES}/evergreen/journey.pdf", "1. Twelve steps, each with its drop-out rate"),
    deliverable("D-502", EVERGREEN, "M2 Cards", "Card activation flow", "18600", "2026-11-13",
                f"{STAGING}/evergreen/cards", "1. Activates in under a minute\n2. Risk team's cases pass"),
    deliverable("D-503", EVERGREEN, "M2 Cards", "Branch appointment screens", "14200", "2026-11-06",
                f"{STAGING}/evergreen/branches", "1. Shows free times of all branches"),  # a stranger signed
    deliverable("D-504", EVERGREEN, "M3 Loans", "Fee calculator", "8900", "2026-11-06",
                f"{STAGING}/evergreen/fees", "1. Agrees with the price list to the cent"),  # another file was signed
    deliverable("D-505", EVERGREEN, "M3 Loans", "Savings goal screens", "9750", "2026-11-06",
                f"{STAGING}/evergreen/goals", "1. Goals are set, changed and closed"),  # the file is not there
    deliverable("D-506", EVERGREEN, "M1 Research", "Tone of voice guide", "4300", "2026-10-16",
                f"{FILES}/evergreen/voice.pdf", "1. Examples for letters, app and chat"),  # only a link
    deliverable("D-507", EVERGREEN, "M4 Service", "Chat assistant scripts", "6450", "2026-11-06",
                f"{FILES}/evergreen/chat.pdf", "1. 40 questions with answers"),  # signed in 2062
    deliverable("D-508", EVERGREEN, "M4 Service", "Statement redesign", "7800", "2026-11-20",
                f"{FILES}/evergreen/statement-v2.pdf", "1. Fits one page\n2. Covers joint accounts",
                revision=Decimal(2)),  # the first scope was signed
    deliverable("D-509", EVERGREEN, "M3 Loans", "Loan comparison table", "5900", "2026-10-16",
                f"{STAGING}/evergreen/loans", "1. Compares all eleven loans"),  # accepted, then revoked
    deliverable("D-510", EVERGREEN, "M1 Research", "Pilot report", "3850", "2026-10-30",
                f"{FILES}/evergreen/pilot.pdf", "1. Results of both branches"),  # rejected, no defects on record

    # Delta Transit Authority: more was accepted than the contract is worth
    deliverable("D-601", DELTA, "M1 Displays", "Timetable display concepts", "16500", "2026-10-09",
                f"{FILES}/delta/displays.pdf", "1. Three concepts\n2. Legible from 8 metres"),
    deliverable("D-602", DELTA, "M2 Stations", "Station signage set", "14750", "2026-10-30",
                f"{FILES}/delta/signage.pdf", "1. All sign types of the manual"),
    deliverable("D-603", DELTA, "M2 Stations", "Passenger alert screens", "13200", "2026-11-13",
                f"{STAGING}/delta/alerts", "1. Shows alerts within 30 seconds"),  # would pass the cap
    deliverable("D-604", DELTA, "M2 Stations", "Map icons", "2600", "2026-11-20",
                f"{FILES}/delta/icons.svg", "1. 48 icons in one grid"),  # later and smaller, and fits
    deliverable("T-605", DELTA, "M2 Stations", "On-site support", "2400", "2026-11-30",
                "time sheets", "hours confirmed by the station manager", type="time and materials",
                trigger="monthly time sheet"),

    # Gallery Nine: no written terms
    deliverable("D-701", GALLERY, "M1 Show", "Exhibition microsite", "6000", "2026-10-23",
                f"{STAGING}/gallery", "1. All 18 works with captions"),
    deliverable("D-702", GALLERY, "M1 Show", "Ticket page", "4500", "2026-11-27",
                f"{STAGING}/gallery/tickets", "1. Sells and sends a ticket"),

    # Iris Publishing in euros; Juniper Hotels is not in QuickBooks
    deliverable("D-801", IRIS, "M1 Audit", "Reader app audit", "7500", "2026-10-30",
                f"{FILES}/iris/audit.pdf", "1. Findings ranked by effort"),
    deliverable("D-901", JUNIPER, "M1 Funnel", "Booking funnel review", "5400", "2026-11-06",
                f"{FILES}/juniper/funnel.pdf", "1. Five leaks with numbers"),

    # Fjord Outdoor: gaps in the row itself, a change request, a contradiction, a row copied by mistake
    deliverable("D-1001", FJORD, "M1 Guide", "Trail guide concept", "5200", "2026-11-03",
                f"{FILES}/fjord/trail-guide.pdf", "1. Two routes worked out"),
    deliverable("FJ\u00d8-03", FJORD, "M1 Guide", "Gear catalogue layout", "6175.25", "2026-11-18",
                f"{FILES}/fjord/catalogue.pdf", "1. 96 pages\n2. Prices from the shop's list"),  # the client's letter
    deliverable("D-1002", FJORD, "M2 App", "Route planner", "9800", "2026-11-11",
                f"{STAGING}/fjord/routes", "1. Plans a three-day tour"),  # CR-03 is not decided
    deliverable("D-1003", FJORD, "M2 App", "Weather widget", "2750", "2026-11-11",
                f"{STAGING}/fjord/weather", ""),  # no criteria
    deliverable("D-1004", FJORD, "M3 Shop", "Newsletter templates", "1980", "2026-11-13",
                f"{FILES}/fjord/newsletter", "1. Four templates", trigger=""),  # no trigger
    deliverable("D-1005", FJORD, "M3 Shop", "Membership page", "", "2026-11-13",
                f"{STAGING}/fjord/members", "1. Sign-up works"),  # no amount
    deliverable("D-1006", FJORD, "M3 Shop", "Dealer list", "1500", "2026-11-18",
                f"{STAGING}/fjord/dealers", "1. All dealers are listed"),
    deliverable("D-1006", FJORD, "M3 Shop", "Dealer map", "1500", "2026-11-18",
                f"{STAGING}/fjord/dealer-map", "1. All dealers are on the map"),  # copied, the ID left as it was
    deliverable("D-1007", FJORD, "M3 Shop", "Gift card pages", "3100", "2026-10-30",
                f"{STAGING}/fjord/gifts", "1. Sells and redeems a card"),  # yes and no on one day

    # Asked for on the phone: no contract, no amount
    deliverable("D-1101", "", "", "Ad hoc banner set", "", "2026-11-20",
                f"{FILES}/gallery/banners", "1. Six sizes"),
)  # fmt: skip


def sign_off(id_: str, decision: str, signed_by: str, at: str, statement: str, **more: Value) -> Row:
    """One decision. A file of evidence is written for it unless `evidence` says where it is thought to be."""
    row: Row = {
        "deliverable": id_,
        "revision": Decimal(1),
        "decision": decision,
        "signed_by": signed_by,
        "signed": day(at),
        "statement": statement,
        "channel": "written",
    }
    return row | more


RIGHT, EARLIER = "of the file", "of an earlier file"
ALL_SIGN_OFFS: Sequence[Row] = (
    sign_off("D-100", "accepted", "Dana Reyes", "2026-07-09", "The report is accepted."),
    sign_off("D-101", "accepted", "Dana Reyes", "2026-09-18T15:10", "Audit received and accepted, thank you."),
    sign_off("D-102", "accepted", "Dana Reyes", "2026-10-06T09:35", "We accept the site map; both criteria are met.",
             criteria="1, 2 met"),
    sign_off("D-103", "accepted", "Dana Reyes", "2026-10-28T10:42", "Version 4 of the templates is accepted in full.",
             version_reviewed="v4", criteria="1, 2 met", sha256=RIGHT),
    sign_off("D-104", "accepted in part", "Dana Reyes", "2026-11-05T14:00",
             "Search and results are accepted. The keyboard control is not done yet.", criteria="1 met, 2 open",
             rejected_part="2,400.00: use without a mouse"),
    sign_off("D-105", "accepted", "Kim Lee", "2026-10-14T17:22", "Accepted on behalf of Dana Reyes. All 32 are there.",
             version_reviewed="v2"),
    sign_off("D-106", "accepted", "Kim Lee", "2026-11-04T11:15", "Accepted on behalf of Dana Reyes."),
    sign_off("D-107", "accepted", "Dana Reyes", "2026-11-13T16:48", "The templates are accepted."),
    sign_off("D-201", "accepted", "Luis Moreno", "2026-10-08", "The scope baseline package is accepted as submitted."),
    sign_off("D-202", "accepted", "Jonas Weber", "2026-11-10T12:05",
             "All criteria are met in staging. The release is accepted.", version_reviewed="0.9.3"),
    sign_off("QA-201", "accepted", "Kofi Mensah", "2026-11-06", "Internal review completed, no open findings.",
             version_reviewed="0.9.3"),
    sign_off("D-203", "conditional", "Jonas Weber", "2026-11-16T10:30",
             "Approved subject to the second clinic's records being readable.", criteria="1 open, 2 met"),
    sign_off("D-204", "rejected", "Jonas Weber", "2026-11-17T09:10", "We cannot take this over as it is.",
             version_reviewed="0.9.4", criteria="1, 2 met, 3 failed",
             defects="criterion 3: Thanksgiving is offered as a free day", re_review_date=day("2026-12-01")),
    sign_off("D-301", "accepted", "Wen Zhao", "2026-10-09", "The wireframes are accepted."),
    sign_off("D-302", "rejected", "Wen Zhao", "2026-10-21T13:40", "Labels do not print on A6.",
             version_reviewed="beta 1", criteria="1 met, 2 failed",
             defects="criterion 2: A6 labels are cut off", re_review_date=day("2026-11-02")),
    sign_off("D-302", "accepted", "Wen Zhao", "2026-11-03T15:26", "Beta 2 prints all labels. Accepted.",
             version_reviewed="beta 2", criteria="1, 2 met"),
    sign_off("D-401", "accepted", "Priya Nair", "2026-10-15T08:55", "The design system is accepted, proof included."),
    sign_off("D-402", "conditional", "Priya Nair", "2026-10-20T18:02", "Looks good, but let me ask about the recipes."),
    sign_off("D-402", "clarified", "Priya Nair", "2026-10-22T09:20", "Accepted in full."),
    sign_off("D-403", "accepted", "Priya Nair", "2026-11-09", "On the phone: the recipe finder is fine like this.",
             channel="verbal"),
    sign_off("D-405", "accepted", "Priya Nair", "2026-11-06T16:11", "Fine with us, accepted."),
    sign_off("0042", "accepted", "Priya Nair", "2026-11-12T10:00", "Label templates accepted."),
    sign_off("D-501", "accepted", "Susan Cole", "2026-10-02", "The journey map is accepted."),
    sign_off("D-502", "accepted", "Susan Cole", "2026-11-17T11:37", "The flow is accepted; the risk team passed it.",
             criteria="1, 2 met"),
    sign_off("D-503", "accepted", "Tom Vasquez", "2026-11-10T14:19", "Accepted for the branches."),
    sign_off("D-504", "accepted", "Susan Cole", "2026-11-11T10:08", "The calculator is accepted.", sha256=EARLIER),
    sign_off("D-505", "accepted", "Susan Cole", "2026-11-12", "The savings goals are accepted.",
             evidence=f"{EVERGREEN}/D-505-acceptance.pdf"),
    sign_off("D-506", "accepted", "Susan Cole", "2026-10-19", "The guide is accepted.",
             evidence="https://mail.evergreenbank.example/message/77120"),
    sign_off("D-507", "accepted", "Susan Cole", "2062-11-09", "The scripts are accepted."),
    sign_off("D-508", "accepted", "Susan Cole", "2026-10-29T09:45", "The redesign is accepted."),
    sign_off("D-509", "accepted", "Susan Cole", "2026-10-20T13:00", "The table is accepted."),
    sign_off("D-509", "revoked", "Susan Cole", "2026-11-09T17:30",
             "Two of the rates are not ours. We withdraw our acceptance."),
    sign_off("D-510", "rejected", "Susan Cole", "2026-11-05T12:12", "Not what we expected."),
    sign_off("D-601", "accepted", "Omar Haddad", "2026-10-13", "The concepts are accepted by the Authority."),
    sign_off("D-602", "accepted", "Omar Haddad", "2026-10-30", "The signage set is accepted by the Authority."),
    sign_off("D-603", "accepted", "Omar Haddad", "2026-11-18", "The alert screens are accepted by the Authority."),
    sign_off("D-604", "accepted", "Omar Haddad", "2026-11-19", "The icons are accepted by the Authority."),
    sign_off("D-701", "accepted", "Marcus Bell", "2026-10-27T20:14", "Love it. Accepted."),
    sign_off("D-801", "accepted", "Claire Dubois", "2026-11-03T16:00", "The audit is accepted."),
    sign_off("D-901", "accepted", "Hugo Brandt", "2026-11-16T09:00", "The review is accepted."),
    sign_off("D-1001", "accepted", "Ingrid Solberg", "2026-11-05T07:50", "Both routes are accepted."),
    sign_off("FJ\u00d8-03", "accepted", "Ingrid Solberg", "2026-11-20T10:25", "The layout is accepted, all 96 pages."),
    sign_off("D-1002", "accepted", "Ingrid Solberg", "2026-11-11T18:30", "The planner is accepted."),
    sign_off("D-1003", "accepted", "Ingrid Solberg", "2026-11-11T18:34", "The widget is accepted."),
    sign_off("D-1004", "accepted", "Ingrid Solberg", "2026-11-13T08:15", "The templates are accepted."),
    sign_off("D-1005", "accepted", "Ingrid Solberg", "2026-11-13T08:21", "The page is accepted."),
    sign_off("D-1006", "accepted", "Ingrid Solberg", "2026-11-18T09:30", "Dealers are accepted."),
    sign_off("D-1007", "accepted", "Ingrid Solberg", "2026-11-04", "The gift cards are accepted."),
    sign_off("D-1007", "rejected", "Ingrid Solberg", "2026-11-04T15:55", "Redeeming fails, we cannot use it.",
             criteria="1 failed", defects="criterion 1: a card is redeemed twice", re_review_date=day("2026-11-30")),
    sign_off("D-1101", "accepted", "Marcus Bell", "2026-11-19T19:40", "The banners are accepted."),
)  # fmt: skip


def change(id_: str, under: str, deliverable_id: str, asked: str, what: str, decision: str, **more: Value) -> Row:
    """A change request."""
    row: Row = {"id": id_, "contract": under, "deliverable": deliverable_id, "requested_on": day(asked)}
    return row | {"description": what, "decision": decision} | more


ALL_CHANGES: Sequence[Row] = (
    change("CR-01", ACME, "D-108", "2026-10-19", "Move the press archive too", "in scope",
           decided_by="Dana Reyes", decided_on=day("2026-10-21")),
    change("CR-02", ACME, "", "2026-09-14", "Component library and launch support; became version 2", "fee update",
           fee_delta=Decimal(14000), decided_by="Dana Whitfield", decided_on=day("2026-10-05")),
    change("CR-03", FJORD, "D-1002", "2026-11-16", "Tours with overnight stays in huts", "undecided"),
    change("CR-04", EVERGREEN, "D-508", "2026-11-02", "Joint accounts on the same page; became revision 2", "in scope",
           decided_by="Susan Cole", decided_on=day("2026-11-06")),
    change("CR-05", DELTA, "D-602", "2026-10-05", "Signs for the ferry pier", "declined",
           decided_by="Omar Haddad", decided_on=day("2026-10-12")),
)  # fmt: skip

DOMAINS: Mapping[str, str] = {
    "Acme Robotics": "acme-robotics.example",
    "Beta Health": "betahealth.example",
    "Cedar Foods": "cedarfoods.example",
    "Delta Transit Authority": "deltatransit.example",
    "Evergreen Bank": "evergreenbank.example",
    "Fjord Outdoor": "fjordoutdoor.example",
    "Gallery Nine": "gallerynine.example",
    "Harbor Logistics": "harborlogistics.example",
    "Iris Publishing": "irispublishing.example",
    "Juniper Hotels": "juniperhotels.example",
}
STAFF = frozenset((ROBIN, MAYA, "Kofi Mensah"))
CUSTOMERS = {str(row["reference"]): str(row["customer"]) for row in ALL_CONTRACTS} | {"": "Gallery Nine"}
ROWS = {str(row["id"]): row for row in ALL_DELIVERABLES}


def address(person: str, customer: str) -> str:
    """A person with an e-mail address, at the agency or at the customer."""
    domain = OWN_DOMAIN if person in STAFF else DOMAINS[customer]
    return f"{person} <{person.casefold().replace(' ', '.')}@{domain}>"


def email(sender: str, to: str, customer: str, at: datetime, subject: str, text: str, zone: str) -> bytes:
    """A short e-mail as a mail program saves it."""
    message = EmailMessage(policy.default.clone(utf8=True))
    message["From"], message["To"] = address(sender, customer), address(to, customer)
    message["Date"] = format_datetime(at.replace(tzinfo=ZoneInfo(zone)))
    message["Subject"] = subject
    greeting = f"Hello {to.partition(' ')[0]},\n\n{text}\n\nKind regards\n{sender}\n"
    message.set_content(greeting, cte="8bit")
    return message.as_bytes()


def letter(row: Row, on: date, record: Row) -> bytes:
    """A signed form as text; of a word on the telephone, the note that somebody made."""
    signer, client = str(record["signed_by"]), CUSTOMERS[str(row["contract"])]
    verbal = record["channel"] == "verbal"
    lines = (
        "Northlight Studio" if verbal or signer in STAFF else client,
        f"{'Note of a telephone call' if verbal else 'Record of decision'}, {on.isoformat()}",
        "",
        f"Statement of work: {row['contract']} version {row['contract_version']}",
        f"Deliverable: {row['id']} {row['name']}, revision {record['revision']}",
        f"Decision: {record['decision']}",
        "",
        str(record["statement"]),
        "",
        f"Noted: {row['owner']}" if verbal else f"Signed: {signer}",
    )
    return "\n".join((*lines, "")).encode()


def evidence_of(record: Row) -> tuple[str, bytes]:
    """Path and content of the file that proves a sign-off: an e-mail where the time is known, else a signed form."""
    row, at = ROWS[str(record["deliverable"])], record["signed"]
    if not isinstance(at, date):
        raise TypeError(f"{row['id']} was signed at {at!r}")
    at = at.replace(year=MADE.year)  # a slip of the year is in the register, not in what was signed
    under, decision = str(row["contract"]), str(record["decision"])
    stem = f"{under or 'without-contract'}/{row['id']}-{decision.replace(' ', '-')}"
    if not isinstance(at, datetime):
        return f"{stem}.txt", letter(row, at, record)
    subject, zone = f"{row['id']} {row['name']}: {decision}", "Europe/Paris" if under == IRIS else "America/New_York"
    signer, owner, client = str(record["signed_by"]), str(row["owner"]), CUSTOMERS[under]
    return f"{stem}.eml", email(signer, owner, client, at, subject, str(record["statement"]), zone)


def submission_of(row: Row) -> tuple[str, bytes]:
    """Path and content of the e-mail by which a deliverable was handed to the client."""
    approver, at = str(row["approver"]).partition(" (")[0], row["submitted"]
    if not isinstance(at, datetime):
        raise TypeError(f"{row['id']} was submitted at {at!r}")
    text = f"{row['name']} is ready for your review at {row['output']}. Please let us have your decision in writing."
    customer, subject = CUSTOMERS[str(row["contract"])], f"{row['id']} {row['name']}: for acceptance"
    sent = email(str(row["owner"]), approver, customer, at, subject, text, "America/New_York")
    return str(row["submission_evidence"]), sent


def decision_of(row: Row) -> tuple[str, bytes]:
    """Path and content of the note on a decided change request."""
    under, by, on = str(row["contract"]), str(row["decided_by"]), row["decided_on"]
    text = f"{CUSTOMERS[under]}\nChange request {row['id']}, {under}\n\n{row['description']}\n\n"
    fee = f" The fee changes by {row['fee_delta']:,.2f}." if "fee_delta" in row else " The fee does not change."
    return f"{under}/{row['id']}-decision.txt", f"{text}Decision on {on}: {row['decision']}.{fee}\n\n{by}\n".encode()


def with_evidence(files: dict[str, bytes]) -> Iterator[tuple[Form, list[Row]]]:
    """The rows of every sheet with paths and hashes filled in; the files they name go to `files`."""
    yield CONTRACTS, list(ALL_CONTRACTS)
    yield DELIVERABLES, list(ALL_DELIVERABLES)
    files.update(submission_of(row) for row in ALL_DELIVERABLES if "submission_evidence" in row)
    yield SIGN_OFFS, [_proved(record, files) for record in ALL_SIGN_OFFS]
    yield CHANGES, [_decided(row, files) for row in ALL_CHANGES]


def _proved(record: Row, files: dict[str, bytes]) -> Row:
    if "evidence" in record:
        return record
    path, content = evidence_of(record)
    if path in files:
        raise ValueError(f"two sign-offs would have the evidence {path}")
    files[path] = content
    hashes = {RIGHT: hashlib.sha256(content), EARLIER: hashlib.sha256(content.replace(b"accepted", b"under review"))}
    found = hashes.get(str(record.get("sha256", "")))
    return record | {"evidence": path} | ({"sha256": found.hexdigest()} if found else {})


def _decided(row: Row, files: dict[str, bytes]) -> Row:
    if "decided_by" not in row:
        return row
    path, content = decision_of(row)
    files[path] = content
    return row | {"evidence": path}


TITLES = {
    CONTRACTS: "Contracts",
    DELIVERABLES: "Milestone register",
    SIGN_OFFS: "Sign-offs",
    CHANGES: "Change requests",
}
HEADER_ROW = 3  # counted from 0: title, date, an empty row
NUMBERS = {"day": "yyyy-mm-dd", "moment": "yyyy-mm-dd", "amount": "#,##0.00", "whole": "0", "count": "0"}
WITH_TIME = "yyyy-mm-dd hh:mm"
INK = {"font_color": "#1F2937", "valign": "top", "text_wrap": True}
HEAD = {"bold": True, "font_color": "#FFFFFF", "bg_color": "#1F4E79", "text_wrap": True, "valign": "vcenter"}


def write_workbook(path: Path, sheets: Sequence[tuple[Form, list[Row]]]) -> None:
    """The register as one workbook."""
    with Workbook(str(path)) as book:
        book.set_properties({"title": "Milestone register", "company": "Northlight Studio", "created": MADE})
        for form, rows in sheets:
            _write_sheet(book, form, rows)


def _write_sheet(book: Workbook, form: Form, rows: Sequence[Row]) -> None:
    sheet = book.add_worksheet(form.name)
    sheet.write_string(
        0, 0, f"Northlight Studio: {TITLES[form]} 2026", book.add_format({"bold": True, "font_size": 14})
    )
    sheet.write_string(1, 0, f"Last changed {MADE.date()} by {ROBIN}", book.add_format({"font_color": "#6B7280"}))
    sheet.freeze_panes(HEADER_ROW + 1, 1)
    sheet.set_row(HEADER_ROW, 32)
    columns = [column for column in form.columns if column.kind != "share"]
    for index, column in enumerate(columns):
        _write_column(book, sheet, index, column, rows)
    last = HEADER_ROW + len(rows)
    sheet.autofilter(HEADER_ROW, 0, last, len(columns) - 1)
    if form is DELIVERABLES:
        _write_total(book, sheet, columns, rows)


def _write_column(book: Workbook, sheet: Worksheet, index: int, column: Column, rows: Sequence[Row]) -> None:
    body = book.add_format({**INK, "num_format": NUMBERS.get(column.kind, "@")})
    timed = book.add_format({**INK, "num_format": WITH_TIME})
    sheet.set_column(index, index, _width(column, rows))
    sheet.write_string(HEADER_ROW, index, column.name, book.add_format(HEAD))
    for number, row in enumerate(rows, HEADER_ROW + 1):
        value = row.get(column.field, "")
        if value != "":
            _write_cell(sheet, number, index, value, timed if isinstance(value, datetime) else body)


def _width(column: Column, rows: Sequence[Row]) -> int:
    """Wide enough for the longest line, within reason."""
    lines = [line for row in rows for line in str(row.get(column.field, "")).splitlines()]
    return max(12, len(column.name) + 2, min(40, max(map(len, lines), default=0) + 2))


def _write_cell(sheet: Worksheet, row: int, index: int, value: Value, look: Format) -> None:
    match value:
        case str():
            sheet.write_string(row, index, value, look)
        case Decimal():
            sheet.write_number(row, index, value, look)
        case date():
            sheet.write_datetime(row, index, value, look)


def _write_total(book: Workbook, sheet: Worksheet, columns: Sequence[Column], rows: Sequence[Row]) -> None:
    """The line that people put below: text and a sum, but no Deliverable ID."""
    fields = [column.field for column in columns]
    name, amount = fields.index("name"), fields.index("amount")
    first, last = HEADER_ROW + 1, HEADER_ROW + len(rows)
    letter_of = chr(ord("A") + amount)
    total = sum((value for row in rows if isinstance(value := row.get("amount"), Decimal)), Decimal(0))
    look = book.add_format({**INK, "bold": True, "num_format": NUMBERS["amount"], "top": 1})
    sheet.write_string(last + 2, name, "Total of the fixed amounts", look)
    sheet.write_formula(last + 2, amount, f"=SUM({letter_of}{first + 1}:{letter_of}{last + 1})", look, float(total))


def main() -> None:
    """Read the command line and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=HERE, help="folder to write into")
    into: Path = parser.parse_args().into
    files: dict[str, bytes] = {}
    sheets = list(with_evidence(files))
    if [form for form, _ in sheets] != list(FORMS):
        raise AssertionError("every sheet is written")
    into.mkdir(parents=True, exist_ok=True)
    write_workbook(into / "register.xlsx", sheets)
    for path, content in files.items():
        file = into / "evidence" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    counted = ", ".join(f"{len(rows)} {form.name}" for form, rows in sheets)
    sys.stdout.write(f"{counted}, {len(files)} files of evidence in {into}\n")


if __name__ == "__main__":
    main()
