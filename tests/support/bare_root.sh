# Sourced. A bare Debian in a folder, for what has to work where nothing is
# installed. Needs root.

# VERSION FOLDER: makes it, as debian:VERSION-slim is, with this machine's
# way to Debian's packages. Ends the script if it cannot.
make_bare_root() {
  # Not named as what the callers have made readonly.
  local version=$1 folder=$2 tools
  tools=$(mktemp -d)
  (cd "$tools" && apt-get -qq -o APT::Sandbox::User=root download debootstrap &&
    dpkg-deb -x ./*.deb .)
  DEBOOTSTRAP_DIR=$tools/usr/share/debootstrap "$tools/usr/sbin/debootstrap" \
    --variant=minbase "$version" "$folder" >"$tools/log" 2>&1 ||
    { tail -5 "$tools/log" && rm -rf "$tools" && exit 1; }
  rm -rf "$tools"
  # A mount point, so that what runs in it can have mounts of its own.
  mount --bind "$folder" "$folder"
  mount --make-private "$folder"
  mount -t proc proc "$folder/proc"
  mount -t sysfs -o ro sysfs "$folder/sys"
  mount --rbind /dev "$folder/dev"
  mount --make-rslave "$folder/dev"
  cp -L /etc/resolv.conf /etc/hosts "$folder/etc/"
  cp /etc/apt/apt.conf.d/*{proxy,registry}* "$folder/etc/apt/apt.conf.d/" 2>/dev/null || true
  # Debian's updates and security fixes too, as an image has them.
  if [[ -f /etc/apt/sources.list.d/debian.sources ]]; then
    sed "s/bookworm/$version/g" /etc/apt/sources.list.d/debian.sources \
      >"$folder/etc/apt/sources.list.d/debian.sources"
    rm -f "$folder/etc/apt/sources.list"
  fi
}

# FOLDER COMMAND...: runs it there, with nothing of this shell's environment.
in_bare_root() {
  local folder=$1
  shift
  env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb \
    ${http_proxy:+http_proxy="$http_proxy"} "$(command -v chroot)" "$folder" "$@"
}

remove_bare_root() {
  umount --lazy "$1"/{proc,sys,dev} "$1" 2>/dev/null || true
  rm -rf --one-file-system "$1"
}
