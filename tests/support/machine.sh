#!/usr/bin/env bash
# A machine on which the package has just been installed: the root file system of this
# one, with changes that are its own and the package's files in their places. For
# machine.py, which starts it in namespaces of its own; carries out the commands that
# come by standard input. Needs root.
#
#   tests/support/machine.sh FOLDER NAME BIN
#
#   FOLDER  an empty folder, not on the same disk as /
#   NAME    of the machine
#   BIN     a folder with interlinkd and interlinkctl, in its build folder
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
readonly folder=$1 name=$2 bin=$3
readonly root=$folder/root units=$bin/../package

# Only what the commands print is printed, unless this fails.
exec 3>&1 >"$folder/log" 2>&1
trap 'cat "$folder/log" >&3' ERR
hostname "$name"
mkdir "$folder"/{root,changes,work}
mount -t overlay overlay "$root" \
  -o "lowerdir=/,upperdir=$folder/changes,workdir=$folder/work"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
for own in run tmp media; do mount -t tmpfs tmpfs "$root/$own"; done
mkdir -p "$root/media/stick" "$root/run/systemd/system"
mount --bind "$folder/../stick" "$root/media/stick"
cp "$folder/../hosts" "$root/etc/hosts"
rm -rf "$root"/{etc,var/lib}/interlink* "$root/usr/sbin/policy-rc.d"

# What the package has, and what its scripts do.
for program in interlinkd interlinkctl; do
  touch "$root/usr/bin/$program"
  mount --bind "$bin/$program" "$root/usr/bin/$program"
done
install -m 644 -t "$root/usr/lib/systemd/system" "$units"/interlinkd{,@}.service
for kind in sysusers tmpfiles; do
  install -m 644 "deploy/package/interlink.$kind" "$root/usr/lib/$kind.d/interlink.conf"
done
install -D -m 644 -t "$root/etc/interlink" deploy/package/interlinkd.toml
install -D -m 644 -t "$root/usr/share/doc/interlink/examples" deploy/package/account.toml
mv "$root/usr/bin/systemctl" "$root/usr/bin/systemctl.distrib"
install -m 755 tests/package/systemctl "$root/usr/bin/systemctl"
cp deploy/package/{preinst,postinst} "$root/tmp"
readonly enter=(env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb
  "$(command -v chroot)" "$root")
"${enter[@]}" /tmp/preinst install </dev/null
"${enter[@]}" env DPKG_MAINTSCRIPT_PACKAGE=interlink /tmp/postinst configure </dev/null
exec "${enter[@]}" bash --norc --noprofile >&3
