// Checks manifests against the schemas that Kubernetes, cert-manager, the Gateway
// API and the Prometheus operator publish:
//
//   node schemas.mjs NODE_MODULES FILE.yaml...
//
// Types, enumerations and required fields by the packages' own validators; unknown
// fields by the TypeScript compiler, to which an object literal with a field that its
// type lacks is an error. So is a kind that no package has.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [modules, ...files] = process.argv.slice(2);
const require = createRequire(path.join(modules, "x.js"));
const yaml = require("js-yaml");

// The package with a kind of this apiVersion.
function packageOf(apiVersion) {
  const group = apiVersion.includes("/") ? apiVersion.split("/")[0] : "";
  if (group === "cert-manager.io") return "@kubernetes-models/cert-manager";
  if (group === "gateway.networking.k8s.io") return "@kubernetes-models/gateway-api";
  if (group === "monitoring.coreos.com") {
    return "@kubernetes-models/prometheus-operator";
  }
  return "kubernetes-models";
}

const documents = files.flatMap((file) =>
  yaml
    .loadAll(fs.readFileSync(file, "utf8"))
    .filter((document) => document)
    .map((document) => ({
      document,
      module: `${packageOf(document.apiVersion)}/${document.apiVersion}/${document.kind}`,
      name: `${path.basename(file)}: ${document.kind} ${document.metadata?.name}`,
    })),
);

let failed = false;
function complain(name, problem) {
  console.error(`${name}: ${problem}`);
  failed = true;
}

const lines = [];
for (const [index, { document, module, name }] of documents.entries()) {
  let model;
  try {
    const file = path.resolve(modules, `${module}.js`);
    model = (await import(pathToFileURL(file)))[document.kind];
  } catch (error) {
    complain(name, `no schema ${module}: ${error.message}`);
    continue;
  }
  try {
    new model(document).validate();
  } catch (error) {
    complain(name, error.message);
  }
  lines.push(`import { ${document.kind} as K${index} } from "${module}";`);
  // The constructor adds the first two by itself.
  const { apiVersion, kind, ...fields } = document;
  lines.push(`new K${index}(${JSON.stringify(fields)}); // ${name}`);
}

// The compiler looks for imports beside the file that it compiles.
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "interlink-schemas-"));
try {
  fs.symlinkSync(path.resolve(modules), path.join(folder, "node_modules"));
  fs.writeFileSync(path.join(folder, "package.json"), '{"type": "module"}');
  fs.writeFileSync(path.join(folder, "manifests.ts"), lines.join("\n"));
  const compiled = spawnSync(
    process.execPath,
    [
      require.resolve("typescript/bin/tsc"), "--noEmit", "--strict",
      "--skipLibCheck", "--target", "es2022", "--module", "nodenext",
      "--moduleResolution", "nodenext", "--preserveSymlinks", "manifests.ts",
    ],
    { cwd: folder, encoding: "utf8" },
  );
  if (compiled.status !== 0) {
    for (const line of (compiled.stdout + compiled.stderr).split("\n")) {
      const at = /^manifests\.ts\((\d+),/.exec(line);
      const source = at ? lines[at[1] - 1].replace(/.*\/\/ /, "") : "tsc";
      if (line) complain(source, line.replace(/^manifests\.ts\S* /, ""));
    }
  }
} finally {
  fs.rmSync(folder, { recursive: true });
}
if (documents.length === 0) complain("schemas", "no manifests were given");
if (!failed) console.log(`${documents.length} manifests keep to their schemas`);
process.exitCode = failed ? 1 : 0;
