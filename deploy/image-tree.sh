#!/usr/bin/env bash
# Assembles the root file system of the container image in a folder: the two
# programs, the libraries that they load, and what those look up. There is no
# shell in it, and nothing that runs as root. The Dockerfile takes it as it is;
# the end-to-end tests run the daemon in it by chroot.
#
#   deploy/image-tree.sh BIN TREE
#
#   BIN   a folder with interlinkd and interlinkctl
#   TREE  a folder that does not exist yet
set -euo pipefail

give_up() {
  printf 'image-tree: %s\n' "$*" >&2
  exit 1
}

(($# == 2)) || { sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0" >&2; exit 2; }
readonly bin=$1 tree=$2
[[ ! -e $tree ]] || give_up "$tree exists already"
umask 022

mkdir -p "$tree"/{etc,proc,dev,sys,usr/bin,usr/lib/ssl,usr/share/doc}
mkdir -p "$tree"/{tmp,run/interlink,var/lib/interlink,var/lib/dpkg/status.d}
# As in Debian, where /lib is in /usr.
for folder in /lib /lib32 /lib64 /libx32; do
  [[ -L $folder ]] || continue
  mkdir -p "$tree/usr$folder"
  ln -s "usr$folder" "$tree$folder"
done

for program in interlinkd interlinkctl; do
  [[ -x $bin/$program ]] || give_up "there is no $program in $bin"
  install -m 755 "$bin/$program" "$tree/usr/bin/$program"
  # Of the debug information nobody in a container has the sources for; the
  # names of functions stay, for stack traces.
  if command -v strip >/dev/null; then
    strip --strip-debug "$tree/usr/bin/$program"
  fi
done

# What ldd finds, the loader itself included; each under the name that it is
# asked for, as a file and not as a link.
mapfile -t libraries < <(
  ldd "$bin/interlinkd" "$bin/interlinkctl" |
    awk '$2 == "=>" && $3 ~ /^\// { print $3 } $1 ~ /^\// && $2 ~ /^\(/ { print $1 }' |
    sort --unique
)
if ldd "$bin/interlinkd" "$bin/interlinkctl" | grep 'not found' >&2; then
  give_up 'a library is missing'
fi
((${#libraries[@]})) || give_up 'ldd named no libraries'
files=()
for library in "${libraries[@]}"; do
  file=$(realpath "$library")
  install -D -m 755 "$file" "$tree/$(realpath "$(dirname "$library")")/$(basename "$library")"
  # dpkg knows most files of /usr/lib by the name that they had in /lib.
  files+=("$file" "${file#/usr}")
done

# Scanners of images read here which packages are in it; and their licences.
mapfile -t packages < <(
  dpkg-query --search "${files[@]}" 2>/dev/null | cut -d : -f 1 | sort --unique
)
for package in "${packages[@]}"; do
  dpkg-query --status "$package" >"$tree/var/lib/dpkg/status.d/$package"
  if [[ -f /usr/share/doc/$package/copyright ]]; then
    install -D -m 644 "/usr/share/doc/$package/copyright" \
      "$tree/usr/share/doc/$package/copyright"
  fi
done

# Debian's choice of ciphers, without the parts that only `openssl ca` reads.
printf '%s\n' 'openssl_conf = default_conf' '[default_conf]' 'ssl_conf = ssl' \
  '[ssl]' 'system_default = tls' '[tls]' 'MinProtocol = TLSv1.2' \
  'CipherString = DEFAULT:@SECLEVEL=2' >"$tree/usr/lib/ssl/openssl.cnf"
printf '%s\n' 'root:x:0:0:root:/:/nologin' \
  'interlink:x:10001:10001:Interlink:/var/lib/interlink:/nologin' >"$tree/etc/passwd"
printf '%s\n' 'root:x:0:' 'interlink:x:10001:' >"$tree/etc/group"
# Without it the resolver would not look into /etc/hosts first.
printf 'hosts: files dns\n' >"$tree/etc/nsswitch.conf"
# A container's engine puts its own in their place.
touch "$tree"/etc/{hosts,hostname,resolv.conf}
if [[ -f /etc/os-release ]]; then cp -L /etc/os-release "$tree/etc/os-release"; fi

# Whatever user the container runs as: the daemon makes a folder of its own in
# each, which is closed to others.
chmod 1777 "$tree"/{tmp,run/interlink,var/lib/interlink}
printf 'image-tree: %s: %d libraries, %s KiB\n' "$tree" "${#libraries[@]}" \
  "$(du --summarize --block-size=1K "$tree" | cut -f 1)"
