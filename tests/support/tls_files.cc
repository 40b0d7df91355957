#include "tests/support/tls_files.h"

#include <filesystem>
#include <fstream>
#include <sstream>

namespace interlink::testing {
namespace {

// By rename: a watcher of the file sees the old one or the new one.
void WriteFile(const std::string& path, const std::string& text) {
  const std::string draft = path + ".new";
  std::ofstream(draft) << text;
  std::filesystem::rename(draft, path);
}

}  // namespace

TestAuthority::TestAuthority(const std::string& stem)
    : root_(ForgedCertificate::SelfSigned(ForgeOptions::Authority("Test CA"))),
      certificate_(stem + ".pem") {
  WriteFile(certificate_, root_.pem());
}

TlsFiles TestAuthority::Issue(const std::string& stem,
                              const std::string& names) const {
  const TlsFiles files = {stem + ".pem", stem + ".key"};
  ForgeOptions options;
  options.sans = {names};
  const ForgedCertificate issued = root_.Issue(options);
  WriteFile(files.certificate, issued.pem());
  WriteFile(files.key, issued.private_key_pem());
  return files;
}

std::string ContentsOf(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::shared_ptr<grpc::ChannelCredentials> ClientCredentials(
    const std::string& authority, const TlsFiles& shown) {
  return grpc::SslCredentials(
      {.pem_root_certs = ContentsOf(authority),
       .pem_private_key = ContentsOf(shown.key),
       .pem_cert_chain = ContentsOf(shown.certificate)});
}

}  // namespace interlink::testing
