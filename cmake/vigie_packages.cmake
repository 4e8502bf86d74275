# Every third-party library, found once and named vigie_<library>, so that folders do not care how Debian ships each of them.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(Protobuf REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(ICU REQUIRED COMPONENTS uc i18n data)
find_package(LibXml2 REQUIRED)
find_package(RocksDB REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(prometheus-cpp REQUIRED COMPONENTS core)
find_package(date REQUIRED)
find_package(roaring REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json)
find_package(GTest REQUIRED)
find_package(benchmark QUIET)

foreach(package IN ITEMS libcurl:curl gumbo:gumbo rdkafka:rdkafka libpsl:psl uchardet:uchardet libhs:vectorscan re2:re2
                         libxxhash:xxhash zlib:zlib libzstd:zstd libbrotlidec:brotli)
  string(REPLACE ":" ";" pair "${package}")
  list(GET pair 0 module)
  list(GET pair 1 name)
  pkg_check_modules(${name}_pc REQUIRED IMPORTED_TARGET ${module})
  add_library(vigie_${name} INTERFACE)
  target_link_libraries(vigie_${name} INTERFACE PkgConfig::${name}_pc)
endforeach()

# These two bring neither pkg-config nor CMake files.
foreach(pair IN ITEMS "stemmer;libstemmer.h;stemmer" "cld2;cld2/public/compact_lang_det.h;cld2")
  list(GET pair 0 name)
  list(GET pair 1 header)
  list(GET pair 2 library)
  find_path(${name}_include ${header} REQUIRED)
  find_library(${name}_library ${library} REQUIRED)
  add_library(vigie_${name} INTERFACE)
  target_include_directories(vigie_${name} SYSTEM INTERFACE "${${name}_include}")
  target_link_libraries(vigie_${name} INTERFACE "${${name}_library}")
endforeach()

foreach(pair IN ITEMS "protobuf;protobuf::libprotobuf" "openssl;OpenSSL::Crypto;OpenSSL::SSL" "icu;ICU::i18n;ICU::uc;ICU::data"
                      "xml2;LibXml2::LibXml2" "rocksdb;RocksDB::rocksdb-shared" "yaml;yaml-cpp" "fmt;fmt::fmt" "spdlog;spdlog::spdlog"
                      "prometheus;prometheus-cpp::core" "date;date::date-tz" "roaring;roaring::roaring" "boost;Boost::headers"
                      "boost_json;Boost::json" "gtest;GTest::gtest;GTest::gmock")
  list(POP_FRONT pair name)
  add_library(vigie_${name} INTERFACE)
  target_link_libraries(vigie_${name} INTERFACE ${pair})
endforeach()
# EXPECT_… behind a bare `if` is a pattern of tests, not an ambiguity.
target_compile_options(vigie_gtest INTERFACE -Wno-dangling-else)
if(benchmark_FOUND)
  add_library(vigie_benchmark INTERFACE)
  target_link_libraries(vigie_benchmark INTERFACE benchmark::benchmark)
endif()
