// Calls the API behind `interlinkctl page` with the libraries of connectrpc.com, which
// know of it what a descriptor set says and nothing else.
//
//   node client.mjs NODE_MODULES DESCRIPTOR_SET URL SESSION
//
// Ends with an error unless unary calls, errors with details, streams of both sides,
// deadlines and cancelled calls are as those libraries expect, in JSON and in binary, over
// Node's own HTTP and over fetch, as a browser has it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [modules, descriptors, baseUrl, session] = process.argv.slice(2);
const require = createRequire(`${modules}/`);
const load = (name) => import(pathToFileURL(require.resolve(name)));
const { createFileRegistry, fromBinary } = await load("@bufbuild/protobuf");
const { FileDescriptorSetSchema } = await load("@bufbuild/protobuf/wkt");
const { Code, ConnectError, createClient } = await load("@connectrpc/connect");
const node = await load("@connectrpc/connect-node");
const web = await load("@connectrpc/connect-web");

const registry = createFileRegistry(
  fromBinary(FileDescriptorSetSchema, readFileSync(descriptors)));
const service = (name) => registry.getService(`interlink.v1.${name}`);
const withSession = (next) => (request) => {
  request.header.set("Authorization", `Bearer ${session}`);
  return next(request);
};

// The error that a call ends with.
async function errorOf(call) {
  try {
    await call;
  } catch (error) {
    assert(error instanceof ConnectError, String(error));
    return error;
  }
  return assert.fail("the call succeeded");
}

async function first(stream, isWanted) {
  for await (const message of stream) {
    if (isWanted(message)) return message;
  }
  return assert.fail("the stream ended");
}

async function callsOnce(transport) {
  const numbers = createClient(service("NumberService"), transport);
  const created = await numbers.createNumber({
    number: { number: "777", name: "Seven", private: true } });
  assert.equal(created.number.name, "Seven");
  const got = await numbers.getNumber({ number: "777" });
  assert.equal(got.number.private, true);
  assert(got.number.createTime.seconds > 0n);

  const taken = await errorOf(numbers.createNumber({ number: { number: "777" } }));
  assert.equal(taken.code, Code.AlreadyExists);
  assert.match(taken.rawMessage, /^NUMBER_TAKEN: /);
  const [info] = taken.findDetails(registry.getMessage("google.rpc.ErrorInfo"));
  assert.equal(info.reason, "NUMBER_TAKEN");
  assert.equal(info.domain, "interlink");
  await numbers.deleteNumber({ number: "777" });
}

async function streams(transport) {
  const interlinks = createClient(service("InterlinkService"), transport);
  const cancel = new AbortController();
  const watch = interlinks.watchInterlinks({}, { signal: cancel.signal });
  const rows = watch[Symbol.asyncIterator]();
  let step = (await rows.next()).value;
  while (step.event.case !== "current") step = (await rows.next()).value;
  const { interlink } = await interlinks.generateKey({ name: "From node" });
  step = (await rows.next()).value;
  assert.equal(step.event.value.name, "From node");
  await interlinks.deleteInterlink({ id: interlink.id });
  cancel.abort();
  const error = await errorOf((async () => { while (!(await rows.next()).done); })());
  assert.equal(error.code, Code.Canceled);
}

async function sendsStreams(transport) {
  const numbers = createClient(service("NumberService"), transport);
  const chunk = (line, number) => ({ entries: [{ line, number: { number } }] });
  const summary = await numbers.importNumbers((async function* chunks() {
    yield chunk(2n, "778");
    yield chunk(3n, "779");
    yield chunk(4n, "not a number");
  })());
  assert.equal(summary.createdCount, 2n);
  assert.equal(summary.refusals[0].line, 4n);
  for (const number of ["778", "779"]) await numbers.deleteNumber({ number });
}

async function hasDeadlines(transport) {
  const interlinks = createClient(service("InterlinkService"), transport);
  const late = await errorOf(first(
    interlinks.watchInterlinks({}, { timeoutMs: 300 }), () => false));
  assert.equal(late.code, Code.DeadlineExceeded);
}

async function needsASession(transportOf) {
  const daemon = createClient(service("DaemonService"), transportOf([]));
  const refused = await errorOf(daemon.getAccount({}));
  assert.equal(refused.code, Code.Unauthenticated);
  const stream = createClient(service("InterlinkService"), transportOf([]));
  const error = await errorOf(first(stream.watchInterlinks({}), () => false));
  assert.equal(error.code, Code.Unauthenticated);
}

for (const useBinaryFormat of [false, true]) {
  const overNode = (interceptors) => node.createConnectTransport({
    baseUrl, httpVersion: "1.1", useBinaryFormat, interceptors });
  const overFetch = (interceptors) => web.createConnectTransport({
    baseUrl, useBinaryFormat, interceptors });
  for (const transportOf of [overNode, overFetch]) {
    const transport = transportOf([withSession]);
    await callsOnce(transport);
    await streams(transport);
    await hasDeadlines(transport);
    await needsASession(transportOf);
  }
  await sendsStreams(overNode([withSession]));
}
console.log("all calls are as they should be");
process.exit(0);  // Connections that are kept would hold Node for some seconds.
