#include "store/rocksdb/damage.h"

#include <algorithm>
#include <vector>

#include "rocksdb/env.h"
#include "store/rocksdb/files.h"

namespace interlink::store {
namespace {

// The manifest that CURRENT names; empty if that cannot be the name of one.
std::string ManifestOf(const std::string& directory, rocksdb::Env* env) {
  constexpr std::string_view kStart = "MANIFEST-";
  std::string text;
  const rocksdb::Status read =
      rocksdb::ReadFileToString(env, directory + "/CURRENT", &text);
  const bool is_name =
      read.ok() && text.starts_with(kStart) &&
      text.find_first_not_of("0123456789", kStart.size()) == text.size() - 1 &&
      text.ends_with('\n');
  return is_name ? text.substr(0, text.size() - 1) : "";
}

// The data file or log that `said` names; empty if it names none.
std::string NumberedFileIn(std::string_view said) {
  for (const std::string_view end : {".sst", ".ldb", ".log"}) {
    const size_t at = said.find(end);
    if (at == said.npos) continue;
    const size_t before = said.find_last_not_of("0123456789", at - 1);
    const auto digits = said.substr(before + 1, at - before - 1);
    if (digits.empty()) continue;
    // Of a data file that is missing, the name that it had in old versions.
    const std::string_view ending = end == ".ldb" ? ".sst" : end;
    return std::string(digits) + std::string(ending);
  }
  return "";
}

}  // namespace

std::string DamageInWords(const std::string& directory, std::string_view said,
                          rocksdb::Env* env) {
  std::vector<std::string> names;
  env->GetChildren(directory, &names).PermitUncheckedError();
  std::sort(names.begin(), names.end());
  const auto judge = [&names](const std::string& name) {
    const bool is_there =
        std::find(names.begin(), names.end(), name) != names.end();
    return "its file " + name + (is_there ? " is damaged" : " is missing");
  };
  const std::string manifest = ManifestOf(directory, env);
  if (manifest.empty()) return judge("CURRENT");
  const std::string named = NumberedFileIn(said);
  if (!named.empty()) return judge(named);
  if (said.find(manifest) != said.npos) return judge(manifest);
  std::string logs;
  for (const std::string& name : names) {
    if (!name.ends_with(".log")) continue;
    logs += (logs.empty() ? "" : " or ") + name;
  }
  if (logs.empty()) {
    return "its last .log file, the latest changes, is missing";
  }
  return "its file " + logs + " is damaged";
}

}  // namespace interlink::store
