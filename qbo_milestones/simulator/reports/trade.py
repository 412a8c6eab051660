"""Sales and costs by whom or by what: customers, vendors, items, classes, locations."""

from decimal import Decimal

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.ledger import Entry
from qbo_milestones.simulator.books.postings.sales import item_lines
from qbo_milestones.simulator.refs import ref_id
from qbo_milestones.simulator.reports.accounts import Account, AccountTree
from qbo_milestones.simulator.reports.basis import READERS, line_test, movements
from qbo_milestones.simulator.reports.frame import amount, column, grand_total, money_cells
from qbo_milestones.simulator.reports.name_rows import NameTable
from qbo_milestones.simulator.reports.names import Names
from qbo_milestones.simulator.reports.questions import Question
from qbo_milestones.simulator.reports.specs import Content
from qbo_milestones.simulator.reports.splits import Split, Vector, values

SALES = {"Invoice": 1, "SalesReceipt": 1, "CreditMemo": -1, "RefundReceipt": -1}
"""The sales forms; what they take back counts against."""
INCOME, COSTS = "income", "costs"


def _is_sale(name: str, entry: Entry, account: Account) -> bool:
    """A line that sells something: an item, a discount, whatever account it stands on; no tax, no money."""
    return name in SALES and entry.about is None and (bool(entry.item_id) or account.kind == "Income")


def _by(company: Company, question: Question, entity: str, filter_name: str, sells: bool) -> Content:
    """A table of sales (or of costs) by name, split as asked."""
    tree, split = AccountTree(company), Split(company, question)
    start, end = question.period
    test, read = line_test(tree, question), READERS[filter_name]
    figures: dict[str, Vector] = {}
    for movement in movements(company, question.basis):
        for source, entry in movement.lines() if start <= movement.day <= end else ():
            account = tree[entry.account]
            wanted = _is_sale(source[0], entry, account) if sells else account.is_profit and account.sign > 0
            if wanted and (test is None or test(entry)):
                vector = figures.setdefault(read(entry), {})
                key = split.key(movement.day, entry)
                vector[key] = vector.get(key, 0) + (-entry.cents if sells else entry.cents)
    figures = {key: vector for key, vector in figures.items() if key or sells}
    parts = split.parts({key for vector in figures.values() for key in vector})
    table = NameTable(Names(company), entity, figures, lambda vector: money_cells(values(parts, vector)),
                      question.descending)  # fmt: skip
    rows = table.rows()
    total = grand_total(money_cells(values(parts, rows.sum), "0.00"))
    return Content(split.columns(parts, entity), [*rows.rows, total] if rows.rows else [], not rows.rows)


def customer_sales(company: Company, question: Question) -> Content:
    """CustomerSales."""
    return _by(company, question, "Customer", "customer", sells=True)


def class_sales(company: Company, question: Question) -> Content:
    """ClassSales."""
    return _by(company, question, "Class", "class", sells=True)


def department_sales(company: Company, question: Question) -> Content:
    """DepartmentSales."""
    return _by(company, question, "Department", "department", sells=True)


def vendor_expenses(company: Company, question: Question) -> Content:
    """VendorExpenses."""
    return _by(company, question, "Vendor", "vendor", sells=False)


def customer_income(company: Company, question: Question) -> Content:
    """CustomerIncome: income, costs and what is left by customer."""
    tree = AccountTree(company)
    start, end = question.period
    test, read = line_test(tree, question), READERS["customer"]
    figures: dict[str, Vector] = {}
    for movement in movements(company, question.basis):
        for entry in movement.entries if start <= movement.day <= end else ():
            account = tree[entry.account]
            if account.is_profit and read(entry) and (test is None or test(entry)):
                vector = figures.setdefault(read(entry), {INCOME: 0, COSTS: 0})
                vector[INCOME if account.sign < 0 else COSTS] += account.sign * entry.cents
    rows = NameTable(Names(company), "Customer", figures, _left, question.descending).rows()
    columns = [column("", "Customer", "customer"), column("Income", "Money", INCOME),
               column("Expenses", "Money", "expenses"), column("Net Income", "Money", "net_income")]  # fmt: skip
    return Content(columns, [*rows.rows, grand_total(_left(rows.sum))] if rows.rows else [], not rows.rows)


def _left(vector: Vector) -> list[Doc]:
    if not vector:
        return money_cells([None] * 3)
    return money_cells([vector[INCOME], vector[COSTS], vector[INCOME] - vector[COSTS]])


def item_sales(company: Company, question: Question) -> Content:
    """ItemSales: quantity, amount, share and average price by product or service; of what is paid, no quantities."""
    tree = AccountTree(company)
    start, end = question.period
    test = line_test(tree, question)
    figures: dict[str, Vector] = {}
    for movement in movements(company, question.basis):
        for source, entry in movement.lines() if start <= movement.day <= end else ():
            if _is_sale(source[0], entry, tree[entry.account]) and (test is None or test(entry)):
                vector = figures.setdefault(entry.item_id, {"amount": 0})
                vector["amount"] -= entry.cents
    quantities = _quantities(company, question) if question.basis == "Accrual" else {}
    for item_id, quantity in quantities.items():
        if item_id in figures:
            figures[item_id]["quantity"] = quantity
    whole = sum(vector["amount"] for vector in figures.values())
    rows = NameTable(Names(company), "Item", figures, lambda vector: _item_cells(vector, whole),
                     question.descending).rows()  # fmt: skip
    columns = [column("", "ProductsAndService", "item"), column("Quantity", "Quantity", "quantity"),
               column("Amount", "Money", "amount"), column("% of Sales", "Percent", "percent"),
               column("Avg Price", "Money", "avg_price")]  # fmt: skip
    total = grand_total(_item_cells(rows.sum, whole))
    return Content(columns, [*rows.rows, total] if rows.rows else [], not rows.rows)


def _quantities(company: Company, question: Question) -> dict[str, int]:
    """Hundredths of units by item."""
    start, end = question.period
    made: dict[str, int] = {}
    for name, sign in SALES.items():
        for record in company.shelves[name].records.values():
            if start <= str(record.body.get("TxnDate") or "") <= end:
                for line in item_lines(record.body.get("Line") or []):
                    detail = line.get("SalesItemLineDetail") or {}
                    item = ref_id(detail, "ItemRef")
                    made[item] = made.get(item, 0) + sign * int(Decimal(detail.get("Qty") or 0) * 100)
    return made


def _item_cells(vector: Vector, whole: int) -> list[Doc]:
    if not vector:
        return money_cells([None] * 4)
    quantity = vector.get("quantity", 0)
    share = 10_000 * vector["amount"] // whole if whole else 0
    average = amount(100 * vector["amount"] // quantity) if quantity else ""
    values = [amount(quantity) if quantity else "", amount(vector["amount"]), f"{amount(share)} %", average]
    return [{"value": value} for value in values]
