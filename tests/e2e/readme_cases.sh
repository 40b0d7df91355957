# README.md does what it says: its blocks, pasted one after the other into one
# shell, as somebody would who follows it. And so does the handbook, on three machines.

# The blocks marked `sh`, in order, with the programs and the folder of this run.
_blocks_of_readme() {
  awk '/^```sh$/ { within = 1; next } /^```/ { within = 0 } within' \
    "$here/../../README.md" |
    sed -e "s#\$PWD/build/release/bin#$bin#" -e "s#/tmp/tour#$scratch/tour#g" \
      -e "s#\$HOME/.cache/interlink-tools#$INTERLINK_TOOLS#"
}

_paste_readme() {
  # Shown as it goes, so that a failure says where.
  _blocks_of_readme | HISTFILE=/dev/null bash --norc --noprofile -i >"$scratch/pasted" 2>&1
  cat "$scratch/pasted"
}

readme_pasted_block_by_block_does_what_it_says() {
  needs_tool grpcurl
  needs_tool openssl
  _needs_own_network
  export -f _paste_readme _blocks_of_readme
  export bin scratch here INTERLINK_TOOLS
  run 0 _in_own_network bash -c _paste_readme
  says 'grey'
  says 'green'
  says 'sip:301@'
  says 'interlink.v1.ResolverService'
  says '"status": "SERVING"'
  says '"uri": "sip:301@'
  says 'ilk1_'
  says 'NUMBER_NOT_FOUND'
  says 'LINKED'
  # By grpcurl over TCP, with the certificate of the recipe.
  says '"accountName": "Mike Brown"|"account_name": "Mike Brown"'
  says 'is restored into'
  never_says 'command not found|No such file|Failed to|connection refused|PERMISSION_DENIED|unbound variable'
}

each_command_of_the_handbook_does_what_it_shows() {
  ((EUID == 0)) && command -v ip >/dev/null && command -v unshare >/dev/null ||
    skip 'machines need root, iproute2 and util-linux'
  export PYTHONDONTWRITEBYTECODE=1
  run 0 python3 "$here/handbook.py" --bin "$bin" --scratch "$scratch"
  printf '%s\n' "$output"
}
