# README.md does what it says, and so does the page about the API: their blocks, pasted
# one after the other into one shell, as somebody would who follows the page. And so do
# the handbook, on three machines, and what the demo leaves to be tried.

LONG+=(a_demo_that_is_kept_leaves_two_linked_accounts_and_a_page_to_try)

# PAGE: its blocks marked `sh`, in order, with the programs and the folder of this run.
_blocks_of() {
  awk '/^```sh$/ { within = 1; next } /^```/ { within = 0 } within' "$here/../../$1" |
    sed -e "s#\$PWD/build/release/bin#$bin#" -e "s#/tmp/tour#$scratch/tour#g" \
      -e "s#\$HOME/.cache/interlink-tools#$INTERLINK_TOOLS#"
}

_paste() {  # PAGE
  # Shown as it goes, so that a failure says where.
  _blocks_of "$1" | HISTFILE=/dev/null bash --norc --noprofile -i >"$scratch/pasted" 2>&1
  cat "$scratch/pasted"
}

_paste_in_own_network() {  # PAGE
  needs_tool grpcurl
  _needs_own_network
  export -f _paste _blocks_of
  export bin scratch here INTERLINK_TOOLS
  run 0 _in_own_network bash -c '_paste "$1"' - "$1"
  never_says 'command not found|No such file|Failed to|connection refused|unbound variable'
  [[ ! -e $scratch/tour ]] || fail "$1 leaves something behind"
}

readme_pasted_block_by_block_does_what_it_says() {
  _paste_in_own_network README.md
  says 'grey'
  says 'green'
  says 'sip:301@'
  says '"uri": "sip:301@'
  says 'NUMBER_NOT_FOUND'
  says 'No interlinks yet'
  says 'LINKED'
  never_says 'PERMISSION_DENIED|PermissionDenied'
}

the_page_about_the_api_pasted_block_by_block_does_what_it_says() {
  needs_tool openssl
  _paste_in_own_network deploy/api/README.md
  says 'interlink.v1.ResolverService'
  says '"status": "SERVING"'
  says 'ilk1_'
  # By grpcurl over TCP, with the certificate of the recipe.
  says '"accountName": "Mike Brown"|"account_name": "Mike Brown"'
  says 'NOT_PERMITTED: .*GenerateKey needs the role admin'
}

the_settings_that_the_pages_show_are_good() {
  local page
  while read -r page; do
    # Of the addresses and paths in them, this machine has its own.
    awk '/^ *```toml$/ { within = 1; next } /^ *```/ { within = 0 } within' "$page" |
      sed 's/"192\.0\.2\.[0-9]*:/"127.0.0.1:/' >"$scratch/shown.toml"
    run 0 "$bin/interlinkd" --config "$scratch/shown.toml" --check-config \
      --data-dir "$scratch/data" --api-socket "$scratch/api.sock" \
      --federation-listen 127.0.0.1:0 --http-listen none --pbx-socket "$scratch/pbx.sock"
    says 'the configuration is good'
  done < <(grep --recursive --files-with-matches '^ *```toml$' "$here/../../deploy")
  [[ -s $scratch/shown.toml ]] || fail 'no page shows settings'
}

each_command_of_the_handbook_does_what_it_shows() {
  ((EUID == 0)) && command -v ip >/dev/null && command -v unshare >/dev/null ||
    skip 'machines need root, iproute2 and util-linux'
  export PYTHONDONTWRITEBYTECODE=1
  run 0 python3 "$here/handbook.py" --bin "$bin" --scratch "$scratch"
  printf '%s\n' "$output"
}

a_demo_that_is_kept_leaves_two_linked_accounts_and_a_page_to_try() {
  needs_tool curl
  run 0 env TMPDIR="$scratch" INTERLINK_BIN="$bin" "$here/../../deploy/demo.sh" --no-build --keep
  local words=$output stop link
  stop=$(grep --only-matching '/[^ ]*/stop$' <<<"$words")
  # shellcheck disable=SC2207 # Numbers of processes.
  background+=($(sed -n 's/^kill //p' "$stop"))
  # What it prints is pasted as it stands.
  run 0 bash -c "$(grep --only-matching \
    -e '^  export .*' -e '^  interlinkctl list$' -e '^  interlinkctl resolve 301$' <<<"$words")"
  says '● green John Smith'
  says '^sip:301@127\.0\.0\.1 '
  link=$(grep --only-matching --max-count=1 'http://[^ ]*#token=[^ ]*' <<<"$words")
  run 0 curl --silent --fail --output /dev/null "$link"
  run 0 "$stop"
  local process
  for process in "${background[@]}"; do await 10 is_gone "$process"; done
  [[ ! -e ${stop%/stop} ]] || fail "${stop%/stop} is still there"
}
