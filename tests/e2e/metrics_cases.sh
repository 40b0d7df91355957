# /metrics as Prometheus's own tool reads it, and as the handbook tells of it.

# NAME: its page is in $scratch/page.
_scrape() {
  curl --silent --fail --output "$scratch/page" "http://$(ready "$1" http)/metrics"
}

_shows_a_link_down() {
  _scrape "$1" && grep --quiet '^interlink_link_up{.*} 0$' "$scratch/page"
}

# A mesh in which something of each kind has happened.
_two_accounts_with_all_doors_open() {
  start mike --pbx-http-listen 127.0.0.1:0 --sip-listen 127.0.0.1:0 --pbx-socket "$scratch/pbx.sock"
  start john
  add_number john 301
  link mike john
  await 15 curl --silent --fail "http://$(ready mike pbx_http)/v1/resolve?number=301"
}

promtool_takes_the_page_of_a_daemon_at_work() {
  needs_tool promtool
  _two_accounts_with_all_doors_open
  _scrape mike
  run 0 promtool check metrics <"$scratch/page"
  equal "$output" ''
  kill -KILL "${pid[john]}"
  await 15 _shows_a_link_down mike
  run 0 promtool check metrics <"$scratch/page"
  equal "$output" ''
}

the_table_of_metrics_is_what_a_daemon_serves() {
  _two_accounts_with_all_doors_open
  _scrape mike
  sed -n 's/^# TYPE //p' "$scratch/page" | sort >"$scratch/served"
  sed -n 's/^| `\([a-z_]*\)` | \(gauge\|counter\|histogram\) |.*/\1 \2/p' \
    "$here/../../deploy/prometheus/README.md" | sort >"$scratch/told"
  diff "$scratch/served" "$scratch/told" || fail "deploy/prometheus/README.md differs"
  # And the labels, but for a histogram's bound.
  local name labels label
  while IFS='|' read -r _ name _ labels _; do
    name=${name//[\` ]/}
    for label in $(sed -n "s/^$name\(_bucket\|_sum\|_count\)\?{\(.*\)} [^ ]*$/\2/p" "$scratch/page" |
        sed 's/="[^"]*"//g; s/,/\n/g' | sort --unique); do
      [[ $label == le || ,${labels// /}, == *",$label,"* ]] ||
        fail "no label $label in the row of $name"
    done
  done < <(grep '^| `[a-z_]*` | \(gauge\|counter\|histogram\) |' "$here/../../deploy/prometheus/README.md")
}
