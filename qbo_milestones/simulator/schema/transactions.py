"""All transactions, in the order in which a load puts them in place: origins, open items, what settles them."""

from qbo_milestones.simulator.schema.cash import CASH_MOVES
from qbo_milestones.simulator.schema.fields import EntitySpec
from qbo_milestones.simulator.schema.purchases import PURCHASES, TIME
from qbo_milestones.simulator.schema.sales_forms import SALES_FORMS

_PLACES = {"Estimate": 0, "PurchaseOrder": 0, "TimeActivity": 0, "Payment": 2, "BillPayment": 2, "Deposit": 3}

TRANSACTIONS: list[EntitySpec] = sorted(
    [*SALES_FORMS, *PURCHASES, TIME, *CASH_MOVES], key=lambda spec: _PLACES.get(spec.name, 1)
)
