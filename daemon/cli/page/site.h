#pragma once

#include <string_view>

namespace interlink::cli {

// A file of the page, as it is in site/ of the source.
struct SiteFile {
  std::string_view path;          // "/style.css"; "/" is index.html.
  std::string_view content_type;  // For HTTP.
  std::string_view bytes;
};

// nullptr if there is none of this path.
const SiteFile* FindSiteFile(std::string_view path);

}  // namespace interlink::cli
