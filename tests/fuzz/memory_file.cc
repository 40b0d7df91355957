#include "tests/fuzz/memory_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>

namespace interlink::fuzz {
namespace {

int NewFile() {
  const int descriptor = memfd_create("interlink", MFD_CLOEXEC);
  if (descriptor < 0) std::abort();
  return descriptor;
}

}  // namespace

MemoryFile::MemoryFile() : descriptor_(NewFile()) {}

MemoryFile::~MemoryFile() { close(descriptor_); }

void MemoryFile::Write(std::string_view contents) {
  const int written = NewFile();
  if (write(written, contents.data(), contents.size()) !=
          static_cast<ssize_t>(contents.size()) ||
      dup3(written, descriptor_, O_CLOEXEC) < 0) {
    std::abort();
  }
  close(written);
}

std::string MemoryFile::path() const {
  return "/proc/self/fd/" + std::to_string(descriptor_);
}

}  // namespace interlink::fuzz
