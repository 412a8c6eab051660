// Reads a plan from standard input, drives the public clients through it, and prints what they saw as one JSON object.
'use strict';

const { connect } = require('./connection');
const books = require('./books');
const { drive } = require('./entities');
const oauth = require('./oauth');

async function main(plan) {
  const { client, seen } = await oauth.begin(plan);
  const token = client.getToken();
  const quickbooks = connect(plan, token.access_token, token.refresh_token);
  const settings = await books.settings(quickbooks, plan.realm);
  const searching = await books.searching(quickbooks);
  const standing = await books.standing(quickbooks);
  const entities = {};
  for (const row of plan.rows) entities[row.entity] = await drive(quickbooks, row);
  const batching = await books.batching(quickbooks, plan);
  const repeating = await books.repeating(quickbooks, plan);
  const attaching = await books.attaching(quickbooks, repeating.first);
  const changes = await books.changes(quickbooks, plan.since);
  const reports = await books.reports(quickbooks, plan.reports);
  const ended = await oauth.end(plan, client);
  const identity = await oauth.identity(plan);
  return { oauth: seen, settings, searching, standing, entities, batching, repeating, attaching, changes, reports, ended, identity };
}

let text = '';
process.stdin.on('data', (chunk) => { text += chunk; });
process.stdin.on('end', () => {
  main(JSON.parse(text)).then((seen) => process.stdout.write(JSON.stringify(seen))).catch((error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exitCode = 1;
  });
});
