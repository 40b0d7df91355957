# The files of the page, which the program has within it. A new one is added
# here; embed_site.cmake knows what kinds there are.
set(site_files
  account.js
  connect.js
  daemon.js
  dial.js
  dialog.js
  elements.js
  events.js
  icon.svg
  import_dialog.js
  index.html
  interlinks.js
  key_dialogs.js
  link_row.js
  link_settings.js
  live.js
  main.js
  number_csv.js
  number_dialog.js
  numbers.js
  prose.js
  session.js
  shell.js
  style.css
  windowed_table.js
  words.js)

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
