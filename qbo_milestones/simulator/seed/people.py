"""Whom the agency deals with: customers and their projects, vendors, employees."""

from qbo_milestones.simulator.amounts import Doc

REPORTED = {1, 4, 7, 8}
"""Vendors who get a form 1099."""


def _address(street: str, place: str) -> Doc:
    city, state, code = place.split(", ")
    return {"Line1": street, "City": city, "CountrySubDivisionCode": state, "PostalCode": code, "Country": "USA"}


def _person(object_id: int, name: str, email: str) -> Doc:
    given, family = name.split(" ")
    return {"Id": str(object_id), "GivenName": given, "FamilyName": family, "PrimaryEmailAddr": {"Address": email}}


def _customer(customer_id: int, name: str, person: str, email: str, street: str, place: str, term_id: int) -> Doc:
    address = _address(street, place)
    return {
        **_person(customer_id, person, email), "DisplayName": name, "CompanyName": name, "BillAddr": address,
        "ShipAddr": address, "SalesTermRef": {"value": str(term_id)},
    }  # fmt: skip


def _project(customer_id: int, name: str, parent_id: int) -> Doc:
    return {"Id": str(customer_id), "DisplayName": name, "ParentRef": {"value": str(parent_id)}, "Job": True,
            "IsProject": True, "BillWithParent": True}  # fmt: skip


CUSTOMERS = [
    _customer(
        1, "Acme Robotics", "Dana Whitfield", "ap@acme-robotics.example", "410 Foundry St", "Brooklyn, NY, 11201", 3
    ),
    _customer(2, "Beta Health", "Luis Moreno", "finance@betahealth.example", "22 Harbor Ave", "Boston, MA, 02110", 3),
    _customer(3, "Cedar Foods", "Priya Nair", "accounts@cedarfoods.example", "9 Mill Lane", "Albany, NY, 12207", 2),
    _customer(
        4,
        "Delta Transit Authority",
        "Omar Haddad",
        "invoices@deltatransit.example",
        "1 Terminal Plaza",
        "Newark, NJ, 07102",
        5,
    ),
    _customer(
        5,
        "Evergreen Bank",
        "Susan Cole",
        "vendor.pay@evergreenbank.example",
        "700 Market St",
        "Philadelphia, PA, 19106",
        4,
    ),
    _customer(
        6, "Fjord Outdoor", "Ingrid Solberg", "hello@fjordoutdoor.example", "55 Pine Rd", "Portland, ME, 04101", 3
    ),
    _customer(7, "Gallery Nine", "Marcus Bell", "office@gallerynine.example", "9 Spring St", "New York, NY, 10012", 1),
    _customer(
        8, "Harbor Logistics", "Wen Zhao", "ap@harborlogistics.example", "300 Dock St", "Baltimore, MD, 21230", 5
    ),
    _customer(
        9, "Iris Publishing", "Claire Dubois", "billing@irispublishing.example", "14 Book Row", "New York, NY, 10003", 3
    ),
    _project(10, "Acme Robotics website", 1),
    _project(11, "Beta Health patient portal", 2),
]


def _vendor(vendor_id: int, name: str, person: str, mail: str, street: str, place: str, term_id: int) -> Doc:
    return {
        **_person(vendor_id, person, mail), "DisplayName": name, "CompanyName": name,
        "Vendor1099": vendor_id in REPORTED,
        "BillAddr": _address(street, place), "TermRef": {"value": str(term_id)}, "AcctNum": f"NL-{vendor_id:03}",
    }  # fmt: skip


VENDORS = [
    _vendor(1, "Lantern Street Properties", "Ruth Adler", "rent@lanternstreet.example", "18 Lantern Street",
            "New York, NY, 10013", 1),
    _vendor(2, "Cloudberry Software", "Tom Okafor", "billing@cloudberry.example", "1 Quay Plaza",
            "Seattle, WA, 98101", 3),
    _vendor(3, "Hudson Power and Light", "Nora Quinn", "accounts@hudsonpower.example", "77 Turbine Rd",
            "Yonkers, NY, 10701", 2),
    _vendor(4, "Mira Castellan Illustration", "Mira Castellan", "mira@castellan.example", "31 Fern Ct",
            "Hoboken, NJ, 07030", 2),
    _vendor(5, "Sturdy Insurance", "Paul Kemper", "premiums@sturdyinsurance.example", "500 Shelter Blvd",
            "Hartford, CT, 06103", 3),
    _vendor(6, "Pressworks Printing", "Elena Voss", "orders@pressworks.example", "12 Ink Alley",
            "Queens, NY, 11101", 3),
    _vendor(7, "Feldman Ortiz Accountants", "Jonah Feldman", "office@feldmanortiz.example", "240 Ledger Ave",
            "New York, NY, 10016", 3),
    _vendor(8, "Redwood Code Partners", "Aiko Tanaka", "invoices@redwoodcode.example", "8 Sequoia Way",
            "Oakland, CA, 94607", 4),
]  # fmt: skip


def _employee(employee_id: int, name: str, street: str, place: str, hired: str, rate: int) -> Doc:
    mail = f"{name.split(' ')[0].lower()}@northlight.example"
    return {
        **_person(employee_id, name, mail), "DisplayName": name, "PrimaryAddr": _address(street, place),
        "HiredDate": hired, "BillableTime": True, "BillRate": rate,
    }  # fmt: skip


EMPLOYEES = [
    _employee(1, "Leah Brandt", "64 Cobble Ct", "Brooklyn, NY, 11215", "2019-03-01", 180),
    _employee(2, "Samuel Ngata", "205 Birch St", "Jersey City, NJ, 07302", "2020-06-15", 160),
    _employee(3, "Petra Lindqvist", "17 Orchard Rd", "Queens, NY, 11375", "2022-01-10", 140),
    _employee(4, "Hugo Marchetti", "9 Canal View", "New York, NY, 10002", "2024-09-03", 120),
]
CUSTOMER_TYPES = [
    {"Id": str(number), "Name": name} for number, name in enumerate(["Commercial", "Public sector", "Non-profit"], 1)
]
