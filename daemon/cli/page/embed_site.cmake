# Writes C++ with the files of the page in it.
#
#   cmake -DSITE=FOLDER -DFILES=a.html;js/b.js -DOUTPUT=site.cc -P embed_site.cmake
cmake_minimum_required(VERSION 3.25)

set(content_type_html "text/html; charset=utf-8")
set(content_type_css "text/css; charset=utf-8")
set(content_type_js "text/javascript; charset=utf-8")
set(content_type_txt "text/plain; charset=utf-8")
set(content_type_svg "image/svg+xml")
set(content_type_png "image/png")
set(content_type_ico "image/x-icon")
set(content_type_woff2 "font/woff2")
set(content_type_webmanifest "application/manifest+json")

set(entries)
foreach(file IN LISTS FILES)
  cmake_path(GET file EXTENSION LAST_ONLY kind)
  string(SUBSTRING "${kind}" 1 -1 kind)
  if(NOT DEFINED content_type_${kind})
    message(FATAL_ERROR "${file}: add the content type of .${kind} to embed_site.cmake")
  endif()
  set(path "/${file}")
  if(file STREQUAL "index.html")
    set(path "/")
  endif()
  file(READ ${SITE}/${file} hex HEX)
  string(LENGTH "${hex}" digits)
  math(EXPR size "${digits} / 2")
  string(REGEX REPLACE "(..)" "\\\\x\\1" bytes "${hex}")
  string(APPEND entries
         "    {\"${path}\", \"${content_type_${kind}}\", std::string_view(\"${bytes}\", ${size})},\n")
endforeach()

set(text "#include \"daemon/cli/page/site.h\"

#include <algorithm>
#include <iterator>

namespace interlink::cli {

const SiteFile* FindSiteFile(std::string_view path) {
  static constexpr SiteFile kFiles[] = {
${entries}  };
  const auto* found = std::find_if(
      std::begin(kFiles), std::end(kFiles),
      [path](const SiteFile& file) { return file.path == path; });
  return found == std::end(kFiles) ? nullptr : found;
}

}  // namespace interlink::cli
")
file(WRITE ${OUTPUT} "${text}")
