# Sourced. A bare Debian in a folder, for what has to work where nothing is
# installed. Needs root.

# RELEASE FOLDER: makes it, as debian:RELEASE-slim is, with this machine's
# way to Debian's packages. Ends the script if it cannot.
make_bare_root() {
  local release=$1 root=$2 tools
  tools=$(mktemp -d)
  (cd "$tools" && apt-get -qq -o APT::Sandbox::User=root download debootstrap &&
    dpkg-deb -x ./*.deb .)
  DEBOOTSTRAP_DIR=$tools/usr/share/debootstrap "$tools/usr/sbin/debootstrap" \
    --variant=minbase "$release" "$root" >"$tools/log" 2>&1 ||
    { tail -5 "$tools/log" && rm -rf "$tools" && exit 1; }
  rm -rf "$tools"
  # A mount point, so that what runs in it can have mounts of its own.
  mount --bind "$root" "$root"
  mount --make-private "$root"
  mount -t proc proc "$root/proc"
  mount -t sysfs -o ro sysfs "$root/sys"
  mount --rbind /dev "$root/dev"
  mount --make-rslave "$root/dev"
  cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
  cp /etc/apt/apt.conf.d/*{proxy,registry}* "$root/etc/apt/apt.conf.d/" 2>/dev/null || true
  # Debian's updates and security fixes too, as an image has them.
  if [[ -f /etc/apt/sources.list.d/debian.sources ]]; then
    sed "s/bookworm/$release/g" /etc/apt/sources.list.d/debian.sources \
      >"$root/etc/apt/sources.list.d/debian.sources"
    rm -f "$root/etc/apt/sources.list"
  fi
}

# FOLDER COMMAND...: runs it there, with nothing of this shell's environment.
in_bare_root() {
  local root=$1
  shift
  env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb \
    ${http_proxy:+http_proxy="$http_proxy"} "$(command -v chroot)" "$root" "$@"
}

remove_bare_root() {
  umount --lazy "$1"/{proc,sys,dev} "$1" 2>/dev/null || true
  rm -rf --one-file-system "$1"
}
