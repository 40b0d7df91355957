# A room may include only what lies below it, and the outside world only in
# daemon/. A new arrow is a change to this file, and so is seen in review.
#
#   cmake -DROOT=<checkout> -P layering.cmake
cmake_minimum_required(VERSION 3.25)  # or IN_LIST is silently off (CMP0057)

# ROOM USES...: the folder ROOM includes itself and those of USES, with all of
# what they use. A room's name is its path; a folder that is no room here is
# refused.
function(room room)
  set(all ${room} ${ARGN})
  foreach(used IN LISTS ARGN)
    list(APPEND all ${uses_${used}})
  endforeach()
  list(REMOVE_DUPLICATES all)
  set(uses_${room} ${all} PARENT_SCOPE)
endfunction()

room(store)
room(store/rocksdb store)
room(store/etcd store/rocksdb)

room(federation/base store)
room(federation/identity federation/base)
room(federation/peer federation/identity)
room(federation/ledger federation/peer)
room(federation/linking federation/ledger)
room(federation/directory federation/ledger)
room(federation/mirrors federation/directory)
room(federation/sessions federation/linking federation/mirrors)
room(federation/routing federation/sessions)
room(federation federation/routing)

room(daemon/system federation/base)
room(daemon/net daemon/system)
room(daemon/config daemon/net)
room(daemon/tls daemon/system federation/identity)
room(daemon/rpc federation/base)
room(daemon/peer daemon/tls daemon/rpc federation/peer)
room(daemon/peer/accept daemon/peer daemon/net federation)
room(daemon/peer/dial daemon/peer)
room(daemon/doctor daemon/peer/dial federation)
room(daemon/api daemon/config daemon/doctor)
room(daemon/pbx daemon/net federation)
room(daemon/http daemon/pbx)
room(daemon/sip daemon/pbx)
room(daemon/metrics daemon/http daemon/sip daemon/rpc)
room(daemon store/rocksdb daemon/api daemon/peer/accept daemon/peer/dial
     daemon/metrics)

# The command line is a client like any other: it knows the contract, itself and
# what both programs share (`shared` below). No room of the daemon knows it.
room(daemon/cli/show)
room(daemon/cli/api daemon/cli/show)
room(daemon/cli/csv daemon/cli/show)
room(daemon/cli/connect daemon/cli/api)
room(daemon/cli/page daemon/cli/connect)
room(daemon/cli/verbs daemon/cli/csv daemon/cli/page)
room(daemon/cli daemon/cli/verbs)
# What is made of both programs' command lines; no program knows it.
room(daemon/manual daemon/config daemon/cli)
set(shared "system/(process|text_file)")
string(APPEND shared
    "|config/(help_format|likely_word|pem_files|time_span|usage_error|usual_paths)")

# Of everything else: what each must not include.
set(daemon_only "boost/|osip|grpcpp/experimental|spdlog/|CLI/")
set(outside_world
    "grpcpp/|grpc/|rocksdb/|sys/|netinet/|arpa/|unistd\\.h|fcntl\\.h|signal\\.h")
string(APPEND outside_world
    "|fstream|filesystem|iostream|csignal|thread|mutex|condition_variable")
set(must_not_include_store "${daemon_only}|grpcpp/|grpc/")
# The engine that lies on other machines.
set(must_not_include_etcd "${daemon_only}|rocksdb/|grpcpp/server")
set(must_not_include_federation "${daemon_only}|${outside_world}")
set(must_not_include_daemon "rocksdb/")
set(must_not_include_cli "osip|rocksdb/|boost/|spdlog/|grpcpp/server")
# It listens, which nothing else of the command line does.
set(must_not_include_page "osip|rocksdb/|spdlog/|grpcpp/server")

foreach(folder store federation daemon)
  file(GLOB_RECURSE sources RELATIVE ${ROOT}
       ${ROOT}/${folder}/*.h ${ROOT}/${folder}/*.cc)
  foreach(source IN LISTS sources)
    cmake_path(GET source PARENT_PATH room)
    if(NOT DEFINED uses_${room})
      message(SEND_ERROR "${source}: ${room} is no room of layering.cmake")
    endif()
    set(kind ${folder})
    if(source MATCHES "^daemon/cli/")
      set(kind cli)
    endif()
    if(room STREQUAL store/etcd)
      set(kind etcd)
    endif()
    if(room STREQUAL daemon/cli/page)
      set(kind page)
    endif()
    file(STRINGS ${ROOT}/${source} includes REGEX "^ *# *include ")
    foreach(line IN LISTS includes)
      string(REGEX REPLACE "^ *# *include *[<\"]([^>\"]*).*" "\\1" path "${line}")
      if(path MATCHES "^(${must_not_include_${kind}})")
        message(SEND_ERROR "${source}: ${room}/ must not include ${path}")
      endif()
      if(path MATCHES "^(store|federation|daemon|tests)/" AND
         NOT (kind MATCHES "^(cli|page)$" AND path MATCHES "^daemon/(${shared})\\.h$"))
        cmake_path(GET path PARENT_PATH used)
        if(NOT used IN_LIST uses_${room})
          message(SEND_ERROR "${source}: ${room}/ must not include ${path}")
        endif()
      endif()
    endforeach()
  endforeach()
endforeach()
