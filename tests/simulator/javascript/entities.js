// One entity through node-quickbooks: made, read, changed, found, counted, sent, printed, voided, ended.
'use strict';

const { ask } = require('./connection');

const sender = { Invoice: 'sendInvoicePdf', CreditMemo: 'sendCreditMemoPdf', SalesReceipt: 'sendSalesReceiptPdf',
  Estimate: 'sendEstimatePdf', PurchaseOrder: 'sendPurchaseOrder' };

async function drive(books, row) {
  const name = row.entity;
  const search = (criteria) => ask(books, `find${books.pluralize(name)}`, criteria);
  const listed = (answer) => (answer.QueryResponse ? answer.QueryResponse[name] || [] : answer);
  const seen = {};
  const made = (seen.made = await ask(books, `create${name}`, { ...row.body }));
  const id = made.Id;
  seen.read = await ask(books, `get${name}`, id);
  seen.sparse = await ask(books, `update${name}`, { Id: id, SyncToken: made.SyncToken, ...row.change });
  seen.stale = await ask(books, `update${name}`, { Id: id, SyncToken: made.SyncToken, ...row.change });
  seen.full = await ask(books, `update${name}`, { ...row.body, Id: id, SyncToken: seen.sparse.SyncToken, sparse: false });
  seen.byId = listed(await search([{ field: 'Id', value: id }, { field: 'limit', value: 5 }]));
  seen.inList = listed(await search({ Id: [id, '999999'] }));
  seen.counted = (await search([{ field: 'Id', value: id }, { count: true }])).QueryResponse;
  if (row.find) seen.found = listed(await search([{ field: row.find[0], value: row.find[1], operator: '=' }]));
  if (row.prints && books[`get${name}Pdf`]) seen.pdf = printed(await ask(books, `get${name}Pdf`, id));
  if (row.sends && sender[name]) seen.sent = await ask(books, sender[name], id, 'office@acme-robotics.example');
  if (row.voids) seen.voided = await voided(books, name, id);
  seen.ended = await ended(books, row, id);
  seen.afterwards = await ask(books, `get${name}`, id);
  return seen;
}

function printed(pdf) {
  return Buffer.isBuffer(pdf) ? { bytes: pdf.length, start: pdf.subarray(0, 5).toString() } : pdf;
}

async function voided(books, name, id) {
  if (name === 'Invoice') return ask(books, 'voidInvoice', id);
  const { SyncToken } = await ask(books, `get${name}`, id);
  return ask(books, `update${name}`, { Id: id, SyncToken, sparse: true, void: true });
}

async function ended(books, row, id) {
  if (row.ends === 'delete') return ask(books, `delete${row.entity}`, id);
  const { SyncToken } = await ask(books, `get${row.entity}`, id);
  return ask(books, `update${row.entity}`, { Id: id, SyncToken, Active: false });
}

module.exports = { drive };
