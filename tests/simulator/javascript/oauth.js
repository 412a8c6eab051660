// Intuit's own OAuth client from the consent to the end of the connection.
'use strict';

const OAuthClient = require('intuit-oauth');
const { ask, connect, refusal } = require('./connection');

function intuit({ base, app, secret, redirect }) {
  const client = new OAuthClient({
    clientId: app, clientSecret: secret, environment: 'sandbox', redirectUri: redirect,
    includeRefreshTokenHardExpiresIn: true,
  });
  return client.setAuthorizeURLs({
    authorizeEndpoint: `${base}/connect/oauth2`,
    tokenEndpoint: `${base}/oauth2/v1/tokens/bearer`,
    revokeEndpoint: `${base}/v2/oauth2/tokens/revoke`,
    userInfoEndpoint: `${base}/v1/openid_connect/userinfo`,
  });
}

/** A person says yes; the address of the page on which they end. */
async function consent(client, scope) {
  const answer = await fetch(`${client.authorizeUri({ scope, state: 'st&te 1' })}&sim_approve=1`, { redirect: 'manual' });
  return answer.headers.get('location');
}

const refused = (promise) => promise.then(() => 'accepted', (error) => error.error || error.message);

/** A connection for the other scripts, and what is to be seen of it. */
async function begin(plan) {
  const client = intuit(plan);
  const { Accounting, OpenId, Profile, Email } = OAuthClient.scopes;
  const back = await consent(client, [Accounting, OpenId, Profile, Email]);
  const token = (await client.createToken(back)).getJson();
  const person = (await client.getUserInfo()).getJson();
  const refreshed = (await client.refresh()).getJson();
  const url = `${plan.base}/v3/company/${plan.realm}/companyinfo/${plan.realm}?minorversion=75`;
  const info = (await client.makeApiCall({ url })).json;
  return {
    client,
    seen: {
      realm: client.getToken().realmId, state: client.getToken().state, token, refreshed, person,
      company: info.CompanyInfo.CompanyName, valid: client.isAccessTokenValid(),
      codeAgain: await refused(intuit(plan).createToken(back.replace('st%26te', 'other').replace(/code=[^&]*/, 'code=x'))),
      oldRefresh: await refused(intuit(plan).refreshUsingToken(token.refresh_token)),
    },
  };
}

/** node-quickbooks refreshes and asks who it is; then intuit-oauth ends the connection. */
async function end(plan, client) {
  const books = connect(plan, client.getToken().access_token, client.getToken().refresh_token);
  const renewed = await ask(books, 'refreshAccessToken');
  const person = await ask(books, 'getUserInfo');
  const company = await ask(books, 'getCompanyInfo', plan.realm);
  const old = books.token;
  await client.revoke({ refresh_token: books.refreshToken });
  const afterwards = await ask(books, 'getCompanyInfo', plan.realm);
  const url = `${plan.base}/v3/company/${plan.realm}/companyinfo/${plan.realm}`;
  const headers = { Authorization: `Bearer ${old}` };
  const refusedCall = await client.makeApiCall({ url, headers }).then(() => 'accepted', refusal);
  return { renewed: Object.keys(renewed).sort(), person, company: company.CompanyName, afterwards, refusedCall };
}

/** The client's own check of the id_token: its issuer is fixed, and its clock is the one on the wall. */
async function identity(plan) {
  const set = (desk, body) => fetch(`${plan.base}/_sim/${desk}`, { method: 'POST', body: JSON.stringify(body) });
  await set('settings', { openid_issuer: 'intuit' });
  await set('clock', { now: new Date().toISOString() });
  OAuthClient.jwks_uri = `${plan.base}/op/v1/jwks`;
  const client = intuit(plan);
  await client.createToken(await consent(client, [OAuthClient.scopes.OpenId]));
  const valid = await client.validateIdToken();
  await set('clock', { now: plan.now });
  return valid;
}

module.exports = { begin, end, identity };
