# The image and the manifests as a cluster would run them: real daemons in
# containers without an engine (tests/kubernetes).

_needs_containers() {
  ((EUID == 0)) && command -v ip >/dev/null && command -v nsenter >/dev/null ||
    skip 'containers need root, iproute2 and util-linux'
  # Without this Python would leave its own files in the checkout.
  export PYTHONDONTWRITEBYTECODE=1
}

the_image_needs_no_shell_no_root_and_no_place_to_write() {
  _needs_containers
  run 0 "$here/../kubernetes/image_test.py" --bin "$bin"
}

each_command_of_the_kubernetes_page_does_what_it_shows() {
  _needs_containers
  needs_tool kustomize
  needs_tool grpcurl
  run 0 "$here/../kubernetes/walkthrough.py" --bin "$bin"
}
