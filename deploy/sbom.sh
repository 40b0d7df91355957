#!/usr/bin/env bash
# What is in the container image, as a CycloneDX 1.5 document: each Debian package of
# which it has a library, with version, licences and dependencies, and each library with
# its SHA-256. All of it comes from dpkg's own data, so run it where image-tree.sh ran.
#
#   deploy/sbom.sh TREE FILE
#
#   TREE  what image-tree.sh has made
#   FILE  to be written
set -euo pipefail
(($# == 2)) || { sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0" >&2; exit 2; }
readonly tree=$1 file=$2

# One a line: package, path, hash.
libraries() {
  local paths files hashes package path i
  local -A owner=()
  mapfile -t paths < <(cd "$tree" && find usr/lib* -type f -name '*.so*' | sort)
  mapfile -t files < <(realpath "${paths[@]/#//}")
  mapfile -t hashes < <(cd "$tree" && sha256sum "${paths[@]}" | cut -d ' ' -f 1)
  # dpkg knows most files of /usr/lib by the name that they had in /lib.
  while IFS=$'\t' read -r package path; do
    owner[${path/#\/lib/\/usr/lib}]=$package
  done < <(dpkg-query --search "${files[@]}" "${files[@]#/usr}" 2>/dev/null |
    sed 's/^\([^:,]*\)[^ ]*: /\1\t/')
  for i in "${!paths[@]}"; do
    package=${owner[${files[i]}]:?no package has /${paths[i]}}
    printf '%s\t/%s\t%s\n' "$package" "${paths[i]}" "${hashes[i]}"
  done
}

# One a line: package, licence. Only of packages whose copyright has Debian's format.
licences() {
  local package copyright
  for copyright in "$tree"/usr/share/doc/*/copyright; do
    package=$(basename "$(dirname "$copyright")")
    sed -n "s/^License: *\([^ ].*\)/$package\t\1/p" "$copyright" | sort --unique
  done
}

scratch=$(mktemp -d "${TMPDIR:-/tmp}/interlink-sbom-XXXXXX")
trap 'rm -rf "$scratch"' EXIT
libraries >"$scratch/libraries"
licences >"$scratch/licences"
# The empty line after each paragraph is in none of the files.
for package in "$tree"/var/lib/dpkg/status.d/*; do cat "$package" && echo; done >"$scratch/packages"
distribution=$(. "$tree/etc/os-release" && printf '%s-%s' "$ID" "${VERSION_ID:-$VERSION_CODENAME}")

jq --null-input --arg version "$("$tree/usr/bin/interlinkd" --version)" \
  --arg distribution "$distribution" --rawfile packages "$scratch/packages" \
  --rawfile libraries "$scratch/libraries" --rawfile licences "$scratch/licences" '
  def table: split("\n") | map(select(. != "") | split("\t"));
  # A paragraph of dpkg, without the lines that go on.
  def fields: split("\n") | map(capture("^(?<key>[A-Za-z-]+): (?<value>.*)$")) | from_entries;
  def purl: "pkg:deb/debian/\(.Package | @uri)@\(.Version | @uri)?arch=\(.Architecture)&distro=\($distribution)";
  # The names in a list of dependencies, alternatives too.
  def names: (. // "") | [splits("[,|] *") | sub("[ :(].*"; "") | select(. != "")];

  ($libraries | table) as $libraries | ($licences | table) as $licences |
  [$packages | splits("\n\n+") | fields | select(.Package)] as $packages |
  ($packages | map({key: .Package, value: purl}) | from_entries) as $refs |
  {
    bomFormat: "CycloneDX", specVersion: "1.5", version: 1,
    metadata: {component: {
      type: "application", "bom-ref": "interlink", name: "interlink", version: $version}},
    components: ($packages | map(. as $package | {
      type: "library", "bom-ref": purl, name: .Package, version: .Version, purl: purl,
      publisher: .Maintainer,
      licenses: [$licences[] | select(.[0] == $package.Package) | {license: {name: .[1]}}],
      properties: [{name: "debian:source", value: (.Source // .Package)}],
      components: [$libraries[] | select(.[0] == $package.Package) | {
        type: "file", name: .[1], hashes: [{alg: "SHA-256", content: .[2]}]}]})),
    dependencies: ([{ref: "interlink", dependsOn: [$refs[]]}] + ($packages | map({
      ref: purl,
      dependsOn: [(.Depends | names) + (."Pre-Depends" | names) | unique[] | $refs[.] // empty]})))
  }' >"$file"
