# The files of the page, which the program has within it. A new one is added
# here; embed_site.cmake knows what kinds there are.
set(site_files
  index.html
  style.css
  main.js)

set(site ${CMAKE_CURRENT_LIST_DIR}/site)
set(site_source ${CMAKE_CURRENT_BINARY_DIR}/site.cc)
list(TRANSFORM site_files PREPEND ${site}/ OUTPUT_VARIABLE site_paths)
add_custom_command(
  OUTPUT ${site_source}
  COMMAND ${CMAKE_COMMAND} -DSITE=${site} "-DFILES=${site_files}"
          -DOUTPUT=${site_source} -P ${CMAKE_CURRENT_LIST_DIR}/embed_site.cmake
  DEPENDS ${site_paths} ${CMAKE_CURRENT_LIST_DIR}/embed_site.cmake
  VERBATIM)
target_sources(interlink_cli PRIVATE ${site_source})
