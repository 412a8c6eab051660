"""A person looks at the books: the first page, the way down to one posting, names that are attacks, a phone."""

from pages.studio import HOSTILE, Studio
from pages.window import Window


def test_the_first_page_shows_the_books(window: Window) -> None:
    """Figures as accountants write them; what is late is marked."""
    window.open("/")
    assert window.page.title() == "Northlight Studio · QuickBooks Online, simulated"
    assert window.page.get_by_role("heading", level=1).inner_text() == "Northlight Studio"
    assert "D-101-A Acme Robotics 1 Sep 2026 30 Sep 2026 overdue 1,250.50 1,000.50" in window.section("Open invoices")
    assert "Trial balance 9,028.27 9,028.27" in window.section("Accounts")
    assert "Acme Robotics 1,000.50" in window.section("Customers who owe")
    assert f"{window.base}/v3/company/{Studio.realm}" in window.section("Connect a program")
    assert "POST invoice 200 side-door" in window.section("Last requests")


def test_from_the_first_page_down_to_one_posting_and_on(window: Window, studio: Studio) -> None:
    """Invoice, its payment, the account it moved, and back to the company by links alone."""
    page = window.page
    window.open("/")
    page.get_by_role("region", name="Open invoices").get_by_role("link", name="D-101-A").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Invoice D-101-A"
    assert "Total in USD 1,250.50 1,250.50" in window.section("On the ledger")
    assert '"DocNumber": "D-101-A"' in window.section("As the API answers it")
    page.get_by_role("region", name="Linked to").get_by_role("link").click()
    assert page.get_by_role("heading", level=1).inner_text() == f"Payment #{studio.payment['Id']}"
    page.get_by_role("region", name="On the ledger").get_by_role("link", name="Accounts Receivable (A/R)").click()
    assert "1,250.50" in window.section("Register")
    page.get_by_role("region", name="Register").get_by_role("link", name="Invoice D-101-A").click()
    page.get_by_role("region", name="Invoice", exact=True).get_by_role("link", name="Acme Robotics").click()
    assert "Invoice D-101-A 1 Sep 2026 30 Sep 2026 overdue 1,250.50 1,000.50" in window.section("Open items")
    page.get_by_role("link", name="Northlight Studio").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Northlight Studio"


def test_another_company_is_chosen(window: Window, studio: Studio) -> None:
    """Each company is a page of its own."""
    studio.side("companies", {"realm": "77", "name": "Second & Sons", "seed": "empty"})
    window.open("/")
    window.page.get_by_role("navigation", name="Companies").get_by_role("link", name="Second & Sons").click()
    assert window.page.get_by_role("heading", level=1).inner_text() == "Second & Sons"
    assert "No invoice is open." in window.section("Open invoices")


def test_a_name_that_is_an_attack_is_a_name(window: Window, studio: Studio) -> None:
    """It stands on the page as it was written; no script is there, and none ran."""
    for path in ("/", f"/company/{studio.realm}/customer/{studio.hostile['Id']}", f"/company/{studio.realm}/customer"):
        window.open(path)
        assert HOSTILE in window.words(), path
        assert window.page.locator("script").count() == 0
    window.open("/")
    window.page.get_by_role("region", name="Open invoices").get_by_role("link", name="<b>bold</b>").click()
    assert window.page.get_by_role("heading", level=1).inner_text() == "Invoice <b>bold</b>"


def test_a_phone_needs_no_scrolling_to_the_side(phone: Window, studio: Studio) -> None:
    """Every page fits; wide tables scroll in themselves."""
    company = f"/company/{studio.realm}"
    paths = ["/", *(f"{company}/{rest}" for rest in (
        f"invoice/{studio.invoice['Id']}", f"payment/{studio.payment['Id']}", f"customer/{studio.hostile['Id']}",
        "customer/1", "account/2", "preferences/1", "invoice", "account")),
        studio.consent(f"{studio.base}/returned", scope="com.intuit.quickbooks.accounting openid profile")]  # fmt: skip
    for path in paths:
        phone.open(path)
        assert phone.overhang() <= 0, path
