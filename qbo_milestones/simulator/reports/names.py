"""Names in reports: of customers, vendors, items, classes and locations, and who stands under whom."""

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.refs import ref_id
from qbo_milestones.simulator.reports.accounts import shown_name
from qbo_milestones.simulator.reports.frame import NOTHING, cell


class Names:
    """Finds names, each once."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self._cells: dict[tuple[str, str], Doc] = {}

    def full(self, entity: str, object_id: str) -> Doc:
        """A cell with the whole name and the Id; an empty one for nobody."""
        found = self._cells.get((entity, object_id))
        if found is None:
            name = self._name(entity, object_id, "FullyQualifiedName")
            found = self._cells[(entity, object_id)] = cell(name, object_id) if object_id else NOTHING
        return found

    def own(self, entity: str, object_id: str) -> str:
        """The name without those it stands under."""
        return self._name(entity, object_id, "DisplayName")

    def parent(self, entity: str, object_id: str) -> str:
        """Id of what a name stands under, an empty text at the top."""
        record = self._company.find(entity, object_id) if entity in self._company.shelves else None
        return ref_id(record.body, "ParentRef") if record else ""

    def _name(self, entity: str, object_id: str, preferred: str) -> str:
        record = self._company.find(entity, object_id) if entity in self._company.shelves else None
        if record is None:
            return object_id
        return shown_name(record.body, preferred if preferred in record.body else "Name")
