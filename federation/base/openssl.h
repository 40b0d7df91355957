#pragma once

#include <openssl/bio.h>
#include <openssl/err.h>

#include <cstdlib>
#include <memory>
#include <string>

// What C++ needs around OpenSSL's C.
namespace interlink::federation {

template <auto Free>
struct OpensslDeleter {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
// Owns an object that OpenSSL has made, such as OpensslPtr<X509, X509_free>.
template <class T, auto Free>
using OpensslPtr = std::unique_ptr<T, OpensslDeleter<Free>>;
using BioPtr = OpensslPtr<BIO, BIO_free>;

// Aborts unless `is_ok`: for calls that fail only if memory runs out or OpenSSL
// is broken.
inline void Require(bool is_ok) {
  if (!is_ok) std::abort();
}

// `object` as an i2d function of OpenSSL writes it; empty if it cannot.
template <class T>
std::string DerOf(int (*write)(const T*, unsigned char**), const T* object) {
  const int size = write(object, nullptr);
  if (size <= 0) return "";
  std::string der(static_cast<size_t>(size), '\0');
  auto* out = reinterpret_cast<unsigned char*>(der.data());
  write(object, &out);
  return der;
}

// What was written into a BIO_s_mem().
inline std::string WrittenTo(BIO* memory) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  return {data, static_cast<size_t>(size)};
}

// Removes the errors that OpenSSL notes within a scope: the next TLS call on
// this thread would take them for its own.
class OpensslErrorScope {
 public:
  OpensslErrorScope() { ERR_set_mark(); }
  ~OpensslErrorScope() { ERR_pop_to_mark(); }
  OpensslErrorScope(const OpensslErrorScope&) = delete;
  OpensslErrorScope& operator=(const OpensslErrorScope&) = delete;
};

}  // namespace interlink::federation
