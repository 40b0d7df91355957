#pragma once

// One account's certificates, fixed so that an input means the same on every
// machine. Nobody has their private keys any more.
namespace interlink::fuzz {

inline constexpr char kHonestAccount[] = "a1a2a3a4a5a6a7a8a9aaabacadaeafb0";

// Valid from 2026 to 2125.
inline constexpr char kHonestLeaf[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIICVTCCAfqgAwIBAgIFcQECAwQwCgYIKoZIzj0EAwIwPTE7MDkGA1UEAwwySW50\n"
    "ZXJsaW5rIGFjY291bnQgYTFhMmEzYTRhNWE2YTdhOGE5YWFhYmFjYWRhZWFmYjAw\n"
    "IBcNMjYxMTIzMjIyOTA3WhgPMjEyNTA2MTcyMjI5MDdaMCsxKTAnBgNVBAMMIGEx\n"
    "YTJhM2E0YTVhNmE3YThhOWFhYWJhY2FkYWVhZmIwMFkwEwYHKoZIzj0CAQYIKoZI\n"
    "zj0DAQcDQgAEpoWhK50rdqKKr+Y3b+2Z4KK8MOcbz2LD91bfhBYykY9+oyC3uAKC\n"
    "Jt7BllqZ5702nAf0CGI5Cdu1xZQMUKLTrqOB9jCB8zAMBgNVHRMBAf8EAjAAMA4G\n"
    "A1UdDwEB/wQEAwIHgDAdBgNVHSUEFjAUBggrBgEFBQcDAQYIKwYBBQUHAwIwdAYD\n"
    "VR0RBG0wa4Y0aW50ZXJsaW5rOi8vYWNjb3VudC9hMWEyYTNhNGE1YTZhN2E4YTlh\n"
    "YWFiYWNhZGFlYWZiMIIzYTFhMmEzYTRhNWE2YTdhOGE5YWFhYmFjYWRhZWFmYjAu\n"
    "aW50ZXJsaW5rLmludGVybmFsMB0GA1UdDgQWBBQ/Pl6nzwCnWm/sMqxRA2MGGXMh\n"
    "dDAfBgNVHSMEGDAWgBRlVMUSpiCFc80NfBj1RwACu4MRzTAKBggqhkjOPQQDAgNJ\n"
    "ADBGAiEAqDw/F4T2A1B/GvOYtrYfdSDRIOFPbP2PywCAssAUWHECIQDC+fg6j0Q+\n"
    "cjR7FHS8ndYFn/IERKEHWVcEidCVS4ikAA==\n"
    "-----END CERTIFICATE-----\n";

inline constexpr char kHonestRoot[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBwTCCAWagAwIBAgIUZxTNJLsuX29RVd7aW1g6wXUXGHcwCgYIKoZIzj0EAwIw\n"
    "PTE7MDkGA1UEAwwySW50ZXJsaW5rIGFjY291bnQgYTFhMmEzYTRhNWE2YTdhOGE5\n"
    "YWFhYmFjYWRhZWFmYjAwIBcNMjYxMTIzMjIyOTA3WhgPMjEyNjEwMzAyMjI5MDda\n"
    "MD0xOzA5BgNVBAMMMkludGVybGluayBhY2NvdW50IGExYTJhM2E0YTVhNmE3YThh\n"
    "OWFhYWJhY2FkYWVhZmIwMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE69VL1GHL\n"
    "QF5OsvlLGmlPI6swqk4m8OSNP9yJQ12i4PQE35SqZ8+tTeCPDg2qCWKNU2wv/+Yq\n"
    "hM4dVdNZ3QJqc6NCMEAwDwYDVR0TAQH/BAUwAwEB/zAOBgNVHQ8BAf8EBAMCAgQw\n"
    "HQYDVR0OBBYEFGVUxRKmIIVzzQ18GPVHAAK7gxHNMAoGCCqGSM49BAMCA0kAMEYC\n"
    "IQCdQzUfhd1gmHKIVYBWyHd/uVsrTRKP4VeiAYr2Z3BdCwIhALut2uCIQpsZ+uoQ\n"
    "yvTpp72gTQ+PBRe32Agp4nd38wHP\n"
    "-----END CERTIFICATE-----\n";

}  // namespace interlink::fuzz
