# A folder may include only what lies below it, and the outside world only in
# daemon/. A new arrow is a change to this file, and so is seen in review.
#
#   cmake -DROOT=<checkout> -P layering.cmake
cmake_minimum_required(VERSION 3.25)  # or IN_LIST is silently off (CMP0057)

# Of our own folders: what each may include.
set(may_include_store store)
set(may_include_federation store federation)
set(may_include_daemon store federation daemon)
# The command line is a client like any other: it knows the contract, itself and
# what both programs share: where a daemon puts its socket, and what a process
# does first. Nothing else in daemon/ knows it.
set(cli "daemon/cli/")
set(cli_may_include "^(${cli}|daemon/(process|usual_paths)\\.h$)")

# Of everything else: what each must not include.
set(daemon_only "boost/|grpcpp/experimental|spdlog/|CLI/|prometheus/")
set(outside_world
    "grpcpp/|grpc/|rocksdb/|sys/|netinet/|arpa/|unistd\\.h|fcntl\\.h|signal\\.h")
string(APPEND outside_world
    "|fstream|filesystem|iostream|csignal|thread|mutex|condition_variable")
set(must_not_include_store "${daemon_only}|grpcpp/|grpc/")
set(must_not_include_federation "${daemon_only}|${outside_world}")
set(must_not_include_daemon "rocksdb/")
set(must_not_include_cli "boost/|spdlog/|prometheus/|grpcpp/server")

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
        if(source MATCHES "^${cli}" AND NOT path MATCHES "${cli_may_include}")
          message(SEND_ERROR "${source}: ${cli} must not include ${path}")
        endif()
        if(NOT source MATCHES "^${cli}" AND path MATCHES "^${cli}")
          message(SEND_ERROR "${source}: only ${cli} may include ${path}")
        endif()
      elseif(source MATCHES "^${cli}" AND
             path MATCHES "^(${must_not_include_cli})")
        message(SEND_ERROR "${source}: ${cli} must not include ${path}")
      endif()
    endforeach()
  endforeach()
endforeach()
