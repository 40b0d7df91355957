#!/usr/bin/env bash
# The manual pages and completions beside the programs that they are of: each verb and
# option of --help is in them, and bash, zsh and fish complete as a user expects. zsh and
# fish are asked if they are installed.
#
#   tests/package/manual_test.sh MANUAL BIN
#
#   MANUAL  what interlink_manual has written, such as build/dev/manual
#   BIN     a folder with interlinkd and interlinkctl
set -uo pipefail
readonly manual=${1:?} bin=${2:?}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/interlink-manual-XXXXXX") || exit 2
trap 'rm -rf "$scratch"' EXIT
export GRPC_VERBOSITY=NONE
failed=0

check() {  # WHAT COMMAND...
  local what=$1
  shift
  if "$@" >"$scratch/output" 2>&1; then
    echo "ok: $what"
  else
    echo "FAILED: $what"
    tail -10 "$scratch/output"
    failed=1
  fi
}

# TOOL...: all of them are installed, as in CI they have to be.
is_there() {
  local tool
  for tool; do
    command -v "$tool" >/dev/null && continue
    echo "skipped: $tool is not installed"
    [[ ${CI:-} != true ]] || { echo 'FAILED: in CI nothing may be missing' && failed=1; }
    return 1
  done
}

# PAGE: its text, as a terminal shows it.
shown() { MANWIDTH=200 man --local-file --encoding=UTF-8 "$1" | col -bx; }
# The verbs and options in the --help of a program or verb.
verbs_of() { "$@" --help | sed -n '/^Verbs:/,/^$/s/^  \([a-z][a-z-]*\) .*/\1/p'; }
options_of() { "$@" --help | grep --only-matching --extended-regexp '^ +(-[a-z],)?--[a-z-]+' |
  grep --only-matching -- '--[a-z-]*'; }

are_in() {  # FILE WORD...
  local word missing=0
  for word in "${@:2}"; do
    grep --quiet --fixed-strings --word-regexp -- "$word" "$1" ||
      { echo "$word is not in $1" && missing=1; }
  done
  (($# > 5)) || { echo 'too few words to be true' && missing=1; }
  return $missing
}

# PAGE: without what roff needs.
unescaped() { sed 's/\\-/-/g; s/\\f[BIR]//g' "$1"; }

covers_program() {  # NAME PAGE
  local verb words=()
  mapfile -t words < <(options_of "$bin/$1"; verbs_of "$bin/$1")
  for verb in $(verbs_of "$bin/$1"); do
    mapfile -t -O ${#words[@]} words < <(options_of "$bin/$1" "$verb")
  done
  for verb in $(verbs_of "$bin/$1" number 2>/dev/null); do
    mapfile -t -O ${#words[@]} words < <(options_of "$bin/$1" number "$verb")
  done
  # fish has the names of options without their dashes.
  unescaped "$2" >"$scratch/page"
  are_in "$scratch/page" "${words[@]}" &&
    are_in "$manual/bash/$1" "${words[@]}" &&
    are_in "$manual/zsh/_$1" "${words[@]}" &&
    are_in "$manual/fish/$1.fish" "${words[@]#--}"
}
check 'interlinkctl: all of its help' covers_program interlinkctl "$manual/man/man1/interlinkctl.1"
check 'interlinkd: all of its help' covers_program interlinkd "$manual/man/man8/interlinkd.8"

has_all_settings() {
  mapfile -t settings < <("$bin/interlinkd" --print-config | sed -n 's/^\([a-z-]*\) = .*/\1/p')
  unescaped "$manual/man/man5/interlinkd.toml.5" >"$scratch/page"
  are_in "$scratch/page" "${settings[@]}" && ! grep --quiet "$(hostname)" "$scratch/page"
}
check 'interlinkd.toml: all settings, and none of this machine' has_all_settings

# PAGE TEXT
has_line() { unescaped "$manual/man/$1" | grep --fixed-strings --line-regexp -- "$2" >/dev/null; }
check 'interlinkd.toml: a default that depends on others' has_line man5/interlinkd.toml.5 \
  'Default: token with --pbx-http-listen or --sip-listen, else open.'
check 'interlinkd.toml: a list is not said to be repeated' \
  bash -c '! grep --quiet repeated "$1"' - "$manual/man/man5/interlinkd.toml.5"
check 'interlinkctl: what has to be given is with the verb' has_line man1/interlinkctl.1 \
  '.SS wait NAME --for green|amber|red|grey|removed'

is_clean() {
  local said
  said=$(man --warnings --local-file --encoding=UTF-8 "$1" 2>&1 >/dev/null)
  [[ -z $said ]] || { echo "$said" && return 1; }
}
if is_there man col; then
  for page in "$manual"/man/*/*.gz; do
    check "${page##*/}: man has nothing to say against it" is_clean "$page"
  done
  shown "$manual/man/man1/interlinkctl.1" >"$scratch/shown"
  check 'an example is shown as it is typed' \
    grep --quiet --fixed-strings -- '  interlinkctl delete --yes "John Smith"' "$scratch/shown"
fi

# WORDS EXPECTED: what a shell offers for the last word, sorted; EXPECTED is a regular
# expression of the whole.
offers() {  # SHELL WORDS EXPECTED
  local offered
  offered=$("ask_$1" "$2" 2>"$scratch/errors" | sort | paste --serial --delimiters ' ')
  [[ $offered =~ ^$3$ && ! -s $scratch/errors ]] && return
  echo "$1 offers '$offered' after '$2'"
  cat "$scratch/errors"
  return 1
}

ask_bash() {
  # As readline does it: words, and = by itself. Files are left to readline.
  bash --norc -c '
    compopt() { [[ $* != "-o default" ]] || COMPREPLY=("${COMP_WORDS[COMP_CWORD]}"*); }
    source "$1/bash/${2%% *}"
    COMP_LINE=$2
    read -ra COMP_WORDS <<<"${2//=/ = }"
    [[ $2 != *" " ]] || COMP_WORDS+=("")
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    _${2%% *}
    ((${#COMPREPLY[@]} == 0)) || printf "%s\n" "${COMPREPLY[@]}"' - "$manual" "$1"
}

# WORDS: passes on the lines that begin with the last of them.
begins_as() { grep --extended-regexp -- "^$(sed 's/.* //; s/.*=//' <<<"$1")"; }

# fish 4 adds what only has the typed word in it, where fish 3 leaves it out.
ask_fish() {
  fish --no-config -c '
    source $argv[1]/fish/(string split " " $argv[2])[1].fish
    complete -C $argv[2]' "$manual" "$1" | cut --fields=1 | begins_as "$1"
}

# The completion itself, with the functions of zsh that it calls in stand-ins that print
# what they are given.
ask_zsh() {
  zsh --no-rcs -c '
    compadd() { print -l -- ${(P)${@[-1]}}; }
    _describe() { print -l -- ${${(P)${@[-1]}}%%:*}; }
    _files() { print -l -- ${~words[CURRENT]}*(N); }
    words=(${(z)2}) && [[ $2 != *" " ]] || words+=("")
    CURRENT=$#words
    source $1/zsh/_${words[1]}' - "$manual" "$1" | begins_as "$1"
}

for shell in bash zsh fish; do
  is_there "$shell" || continue
  tries() { check "$shell: '$1'" offers "$shell" "$1" "$2"; }
  tries 'interlinkctl li' 'link list'
  tries 'interlinkctl --output json li' 'link list'
  tries 'interlinkctl number ' 'add delete export import list set'
  tries 'interlinkctl number s' 'set'
  tries 'interlinkctl number delete --na' ''
  tries 'interlinkctl number add --na' '--name'
  tries 'interlinkctl --output ' 'json table'
  tries 'interlinkctl number list --output j' 'json'
  tries 'interlinkctl wait "John Smith" --for gr' 'green grey'
  tries 'interlinkctl list --remo' '--removed'
  tries 'interlinkctl list --outp' '--output'
  tries 'interlinkctl list --he' '--help'
  tries 'interlinkd re' 'restore'
  tries 'interlinkd --account-n' '--account-name'
  tries 'interlinkd restore --fr' '--from'
  touch "$scratch/backup-of-monday"
  tries "interlinkd restore --from $scratch/backup-of" ".*backup-of-monday"
  tries "interlinkctl number import $scratch/backup-of" ".*backup-of-monday"
done

# What a user gets who types at a terminal and presses the Tab key.
completes_newline() {
  touch "$scratch/two"$'\n'lines
  # shellcheck disable=SC2016  # For the shell that is asked.
  printf '%s\n' 'interlinkctl() { printf "%s|" "$@" >"$scratch/words"; }' >"$scratch/shellrc"
  printf 'source %q\ninterlinkctl number import %q/tw\t\nexit\n' \
    "$manual/bash/interlinkctl" "$scratch" |
    scratch=$scratch script --quiet --command "bash --rcfile $scratch/shellrc -i" /dev/null
  [[ $(<"$scratch/words") == "number|import|$scratch/two"$'\nlines|' ]]
}
check 'bash: a file whose name has a newline' completes_newline
check "bash: '--output=j'" offers bash 'interlinkctl --output=j' json
exit $failed
