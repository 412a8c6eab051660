"""Throw-away journals of one cent, to see what a company does with a repeated requestid. Never in a real company.

The one place that deletes in QuickBooks, and only what it has just made itself.
"""

import json

from qbo_milestones.adapters.quickbooks.client import Client
from qbo_milestones.adapters.quickbooks.json import Tree, text_of, tree_of, trees_of
from qbo_milestones.errors import Doubtful
from qbo_milestones.model.books import DocumentKind

NOTE = "qbo-milestones: a test of requestid, made and deleted at once; it may be deleted"
_JOURNAL = DocumentKind.JOURNAL_ENTRY.value


class ThrowAways:
    """Journals between two accounts, by id, of a company that must not be a real one: that is the caller's to know.

    Every method may raise what a write may raise (ports.Books).
    """

    def __init__(self, client: Client, debit: str, credit: str) -> None:
        self._client, self._sides = client, (("Debit", debit), ("Credit", credit))

    def create(self, requestid: str) -> str:
        """One by a POST of its own; returns the id that QuickBooks answers with."""
        answer = self._client.create_object(_JOURNAL, json.dumps(self._body()).encode(), request_id=requestid)
        return _id_of(answer)

    def create_in_batch(self, requestid: str) -> str:
        """One in a batch; returns the id that QuickBooks answers with."""
        item = {"bId": "1", "operation": "create", _JOURNAL: self._body()}
        body = json.dumps({"BatchItemRequest": [item]}).encode()
        url = f"{self._client.api_url}/company/{self._client.company_id}/batch"
        answer = self._client.post(url, body, request_id=requestid)
        return _id_of(next(iter(trees_of(answer, "BatchItemResponse")), {}))

    def delete(self, id_: str) -> None:
        """Delete one that was just made; nobody can have changed it."""
        self._client.delete_object(_JOURNAL, json.dumps({"Id": id_, "SyncToken": "0"}).encode())

    def _body(self) -> dict[str, object]:
        lines = [
            {
                "Amount": 0.01,
                "DetailType": "JournalEntryLineDetail",
                "JournalEntryLineDetail": {"PostingType": side, "AccountRef": {"value": account}},
            }
            for side, account in self._sides
        ]
        return {"PrivateNote": NOTE, "Line": lines}


def _id_of(answer: Tree) -> str:
    found = text_of(tree_of(answer, _JOURNAL), "Id")
    if not found:
        raise Doubtful("QuickBooks answered a test of requestid without the journal; look for its note and delete it.")
    return found
