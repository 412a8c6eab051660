from intuitlib.enums import Scopes
from requests import Session

class AuthClient(Session):
    client_id: str
    client_secret: str
    redirect_uri: str
    environment: str
    state_token: str | None
    realm_id: str | None
    access_token: str | None
    refresh_token: str | None
    id_token: str | None
    auth_endpoint: str
    token_endpoint: str
    revoke_endpoint: str
    issuer_uri: str
    jwks_uri: str
    user_info_url: str

    def get_authorization_url(self, scopes: list[Scopes], state_token: str | None = None) -> str: ...
