// How the scripts reach the simulator: by the clients' own settings, and with promises in place of callbacks.
'use strict';

const QuickBooks = require('node-quickbooks');

/** node-quickbooks on the simulator: every address of it is a property that its users may set. */
function connect({ base, realm, app, secret }, token, refreshToken) {
  QuickBooks.V3_ENDPOINT_BASE_URL = `${base}/v3/company/`;
  QuickBooks.TOKEN_URL = `${base}/oauth2/v1/tokens/bearer`;
  QuickBooks.REVOKE_URL = `${base}/v2/oauth2/tokens/revoke`;
  QuickBooks.USER_INFO_URL = `${base}/v1/openid_connect/userinfo`;
  return new QuickBooks(app, secret, token, false, realm, false, false, 75, '2.0', refreshToken);
}

/** Calls a method and waits; a refusal becomes {fault: code, detail}. */
function ask(client, method, ...given) {
  return new Promise((resolve) => {
    client[method](...given, (error, found) => resolve(error ? refusal(error) : found));
  });
}

/** The first error of a Fault, in either casing, whatever the client wrapped around it. */
function refusal(error) {
  const body = (error.response && error.response.data) || error;
  const fault = body.Fault || body.fault || (body.QueryResponse && body.QueryResponse.Fault);
  if (!fault) return { fault: 'none', detail: String(error.message || JSON.stringify(error)) };
  const first = (fault.Error || fault.error)[0];
  return { fault: first.code, detail: first.Detail || first.detail };
}

module.exports = { ask, connect, refusal };
