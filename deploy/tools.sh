# Sourced. Where grpcurl and buf are kept, in which version, and that folder
# first on PATH. Neither is a Debian package; both are used by tests only.
readonly GRPCURL_VERSION=v1.9.3
readonly BUF_VERSION=1.75.0
readonly INTERLINK_TOOLS="${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/interlink-tools"
export PATH="$INTERLINK_TOOLS/bin:$PATH"
