// Compares two renderings of one account, by Kustomize and by Helm:
//
//   node compare.mjs NODE_MODULES KUSTOMIZE.yaml HELM.yaml
//
// What only one of the two ways needs is left out: the namespace itself, the hash
// in a ConfigMap's name, and the labels and annotations that say who installed it.
// The order of what has names does not matter either.
import assert from "node:assert/strict";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const [modules, ...files] = process.argv.slice(2);
const yaml = createRequire(path.join(modules, "x.js"))("js-yaml");

const OF_ONE_WAY = new Set([
  "app.kubernetes.io/managed-by",
  "app.kubernetes.io/version",
  "checksum/settings",
  "helm.sh/chart",
  "helm.sh/resource-policy",
]);

function plain(value) {
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object") {
    return typeof value === "string"
      ? value.replace(/^interlink-settings-[a-z0-9]{10}$/, "interlink-settings")
      : value;
  }
  const fields = Object.entries(value)
    .filter(([name]) => !OF_ONE_WAY.has(name))
    .map(([name, field]) => [name, plain(field)])
    .filter(
      ([name, field]) =>
        name !== "annotations" || Object.keys(field).length > 0,
    );
  return Object.fromEntries(fields.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function rendering(file) {
  return Object.fromEntries(
    yaml
      .loadAll(fs.readFileSync(file, "utf8"))
      .filter((document) => document && document.kind !== "Namespace")
      .map(plain)
      .map((document) => [
        `${document.kind} ${document.metadata.namespace}/${document.metadata.name}`,
        document,
      ])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

const [kustomize, helm] = files.map(rendering);
let failed = false;
for (const name of new Set([...Object.keys(kustomize), ...Object.keys(helm)])) {
  try {
    assert.deepEqual(helm[name], kustomize[name]);
  } catch (error) {
    failed = true;
    const what = !helm[name]
      ? "the chart has none"
      : !kustomize[name]
        ? "the overlay has none"
        : error.message; // + is the chart, - the overlay.
    console.error(`${files.map((f) => path.basename(f)).join(" and ")}: ${name}: ${what}`);
  }
}
if (!failed) {
  console.log(`${Object.keys(helm).length} manifests are the same in both forms`);
}
process.exitCode = failed ? 1 : 0;
