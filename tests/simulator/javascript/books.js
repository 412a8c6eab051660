// What spans objects, through node-quickbooks: searching, batches, changes since, attachments, reports, settings.
'use strict';

const { Readable } = require('stream');
const { ask } = require('./connection');

const names = (answer, entity, field) => (answer.QueryResponse
  ? (answer.QueryResponse[entity] || []).map((each) => each[field]) : answer);

/** Criteria in every form that the client takes: objects, arrays of them, operators, order, pages. */
async function searching(books) {
  const customers = async (criteria) => names(await ask(books, 'findCustomers', criteria), 'Customer', 'DisplayName');
  const page = [{ field: 'asc', value: 'DisplayName' }, { field: 'limit', value: 3 }];
  return {
    all: await customers({}),
    first: await customers([...page, { field: 'offset', value: 1 }]),
    second: await customers([...page, { field: 'offset', value: 4 }]),
    last: await customers({ desc: 'DisplayName', limit: 1 }),
    fetched: await customers([...page, { field: 'fetchAll', value: true }]),
    like: await customers([{ field: 'DisplayName', value: 'B%', operator: 'LIKE' }]),
    both: await customers([{ field: 'Active', value: true }, { field: 'GivenName', value: 'Dana', operator: '=' }]),
    among: await customers({ DisplayName: ['Iris Publishing', 'Cedar Foods', 'Nobody'] }),
    text: await customers("where DisplayName >= 'Gallery' orderby DisplayName desc"),
    none: await customers({ DisplayName: 'Nobody' }),
    count: (await ask(books, 'findCustomers', { count: true })).QueryResponse,
    since: await customers([{ field: 'MetaData.LastUpdatedTime', value: '2019-01-01', operator: '>' }]),
    wrong: await ask(books, 'findCustomers', { NoSuchField: 'x' }),
  };
}

/** Four items: two invoices, a refused one, a query. */
async function batching(books, { sale }) {
  const invoice = (number, more) => ({ DocNumber: number, ...sale, ...more });
  const create = (bId, body) => ({ bId, operation: 'create', Invoice: body });
  const made = await ask(books, 'batch', [
    create('b1', invoice('JS-1')), create('b2', invoice('JS-2')), create('b3', invoice('JS-3', { CustomerRef: undefined })),
    { bId: 'b4', Query: "select * from Customer where DisplayName = 'Acme Robotics'" },
  ]);
  const { Id, SyncToken } = made.BatchItemResponse[0].Invoice;
  const gone = await ask(books, 'batch', [{ bId: 'd1', operation: 'delete', Invoice: { Id, SyncToken } }]);
  return { made: made.BatchItemResponse, gone: gone.BatchItemResponse };
}

/** The same request id twice gives the same object, and a number that is taken is refused. */
async function repeating(books, { sale }) {
  const body = () => ({ ...sale, DocNumber: 'JS-9', requestId: 'js-once' });
  const first = await ask(books, 'createInvoice', body());
  const again = await ask(books, 'createInvoice', body());
  const taken = await ask(books, 'createInvoice', { ...sale, DocNumber: 'JS-9' });
  const allowed = await ask(books, 'createInvoice', { ...sale, DocNumber: 'JS-9', allowDuplicateDocNum: true });
  return { first: first.Id, again: again.Id, taken, allowed: allowed.Id };
}

async function changes(books, since) {
  const found = await ask(books, 'changeDataCapture', ['Invoice', 'Customer', 'Payment'], since);
  const asDate = await ask(books, 'changeDataCapture', 'Invoice', new Date(since));
  return { found: found.CDCResponse, asDate: asDate.CDCResponse };
}

/** A file in one part, linked in a second step as this client does it; and a note. */
async function attaching(books, invoiceId) {
  const file = (text) => Readable.from([Buffer.from(text)]);
  const loose = await ask(books, 'upload', 'loose.txt', 'text/plain', file('loose'));
  const linked = await ask(books, 'upload', 'signed off.pdf', 'application/pdf', file('%PDF-1.4\r\n'), 'Invoice', invoiceId);
  const note = await ask(books, 'createAttachable', {
    Note: 'told by telephone', AttachableRef: [{ EntityRef: { type: 'Invoice', value: invoiceId } }],
  });
  const found = await ask(books, 'findAttachables', [
    { field: 'AttachableRef.EntityRef.Type', value: 'Invoice' }, { field: 'AttachableRef.EntityRef.value', value: invoiceId },
  ]);

  return { loose, linked, note, found: names(found, 'Attachable', 'Id'), bytes: await (await fetch(linked.TempDownloadUri)).text() };
}

async function reports(books, wanted) {
  const seen = {};
  for (const name of wanted) {
    seen[name] = await ask(books, `report${name}`, { start_date: '2026-01-01', end_date: '2026-12-31' });
  }
  return seen;
}

/** Lists that a company hardly ever changes: tax, currencies with their rates, types. */
async function standing(books) {
  const agency = await ask(books, 'createTaxAgency', { DisplayName: 'Albany County' });
  const tax = await ask(books, 'createTaxService', {
    TaxCode: 'Albany',
    TaxRateDetails: [{ TaxRateName: 'Albany tax', RateValue: '8', TaxAgencyId: agency.Id, TaxApplicableOn: 'Sales' }],
  });
  const rate = await ask(books, 'updateExchangeRate', { SourceCurrencyCode: 'EUR', AsOfDate: '2026-10-01', Rate: 1.0875 });
  return {
    agency, tax, code: await ask(books, 'getTaxCode', tax.TaxCodeId), rate,
    read: await ask(books, 'getExchangeRate', { sourcecurrencycode: 'EUR', asofdate: '2026-10-01' }),
    rates: names(await ask(books, 'findTaxRates', {}), 'TaxRate', 'Name'),
    agencies: names(await ask(books, 'findTaxAgencies', {}), 'TaxAgency', 'DisplayName'),
    found: names(await ask(books, 'findExchangeRates', { SourceCurrencyCode: 'EUR', AsOfDate: '2026-10-01' }), 'ExchangeRate', 'Rate'),
    currencies: names(await ask(books, 'findCompanyCurrencies', {}), 'CompanyCurrency', 'Code'),
    types: await ask(books, 'findCustomerTypes', {}),
    budgets: await ask(books, 'findBudgets', {}),
  };
}

async function settings(books, realm) {
  return {
    preferences: await ask(books, 'getPreferences'),
    company: await ask(books, 'getCompanyInfo', realm),
    companies: (await ask(books, 'findCompanyInfos', {})).QueryResponse,
  };
}

module.exports = { attaching, batching, changes, repeating, reports, searching, settings, standing };
