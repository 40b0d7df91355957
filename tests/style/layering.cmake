# A folder may include only what lies below it, and the outside world only in
# daemon/. A new arrow is a change to this file, and so is seen in review.
#
#   cmake -DROOT=<checkout> -P layering.cmake
cmake_minimum_required(VERSION 3.25)  # or IN_LIST is silently off (CMP0057)

# Of our own folders: what each may include.
set(may_include_store store)
set(may_include_federation store federation)
set(may_include_daemon store federation daemon)

# Of everything else: what each must not include.
set(daemon_only "boost/|grpcpp/experimental|spdlog/|CLI/|prometheus/")
set(outside_world
    "grpcpp/|grpc/|rocksdb/|sys/|netinet/|arpa/|unistd\\.h|fcntl\\.h|signal\\.h")
string(APPEND outside_world
    "|fstream|filesystem|iostream|csignal|thread|mutex|condition_variable")
set(must_not_include_store "${daemon_only}|grpcpp/|grpc/")
set(must_not_include_federation "${daemon_only}|${outside_world}")
set(must_not_include_daemon "rocksdb/")

foreach(folder store federation daemon)
  file(GLOB_RECURSE sources RELATIVE ${ROOT}
       ${ROOT}/${folder}/*.h ${ROOT}/${folder}/*.cc)
  foreach(source ${sources})
    file(STRINGS ${ROOT}/${source} includes REGEX "^ *# *include ")
    foreach(line IN LISTS includes)
      string(REGEX REPLACE "^ *# *include *[<\"]([^>\"]*).*" "\\1" path "${line}")
      if(path MATCHES "^(${must_not_include_${folder}})")
        message(SEND_ERROR "${source}: ${folder}/ must not include ${path}")
      endif()
      if(path MATCHES "^(store|federation|daemon|tests)/")
        if(NOT CMAKE_MATCH_1 IN_LIST may_include_${folder})
          message(SEND_ERROR "${source}: ${folder}/ must not include ${path}")
        endif()
      endif()
    endforeach()
  endforeach()
endforeach()
