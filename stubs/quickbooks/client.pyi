from typing import Any

class QuickBooks:
    api_url_v3: str
    sandbox: bool
    company_id: str
    minorversion: int
    use_decimal: bool
    session: Any

    def __new__(cls, **kwargs: object) -> QuickBooks: ...
    @property
    def api_url(self) -> str: ...
    def _start_session(self) -> object: ...
    def process_request(
        self,
        request_type: str,
        url: str,
        headers: Any = "",
        params: Any = "",
        data: Any = "",
    ) -> Any: ...
    def query(self, select: str, params: dict[str, str] | None = None) -> dict[str, Any]: ...
    def change_data_capture(self, entity_string: str, changed_since: str) -> dict[str, Any]: ...
    def get_single_object(self, qbbo: str, pk: str, params: dict[str, str] | None = None) -> dict[str, Any]: ...
    def create_object(
        self,
        qbbo: str,
        request_body: bytes,
        _file_path: str | None = None,
        _file_bytes: bytes | None = None,
        request_id: str | None = None,
        params: dict[str, str] | None = None,
    ) -> dict[str, Any]: ...
    def delete_object(
        self, qbbo: str, request_body: bytes, _file_path: str | None = None, request_id: str | None = None
    ) -> dict[str, Any]: ...
    def post(self, url: str, request_body: bytes, request_id: str | None = None) -> dict[str, Any]: ...
