"""Where sign-in lives: one path for each of Intuit's own addresses, whatever host they have there."""

AUTHORIZE, TOKEN = "/connect/oauth2", "/oauth2/v1/tokens/bearer"
REVOKE, USERINFO = "/v2/oauth2/tokens/revoke", "/v1/openid_connect/userinfo"
JWKS, RECONNECT = "/op/v1/jwks", "/app/connect/oauth2/request"
DISCOVERY = ("/.well-known/openid_configuration", "/.well-known/openid_sandbox_configuration")
INTUIT_ISSUER = "https://oauth.platform.intuit.com/op/v1"
