# Precompiled headers of GCC: what nearly every file includes of the standard library, of protobuf and of GoogleTest is parsed
# twice, once for the libraries and once for the unit tests, which have other flags, instead of some seven hundred times.
# A file still includes what it uses: the clang and fuzz presets build without (ops/test --deep), as does -DVIGIE_PRECOMPILE=OFF.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND NOT VIGIE_SANITIZE)
  set(VIGIE_PRECOMPILE_DEFAULT ON)
else()
  set(VIGIE_PRECOMPILE_DEFAULT OFF)
endif()
option(VIGIE_PRECOMPILE "Precompile the headers that most files include" ${VIGIE_PRECOMPILE_DEFAULT})

set(vigie_prefix_headers
  <algorithm> <array> <atomic> <charconv> <chrono> <cmath> <condition_variable> <cstddef> <cstdint> <cstdio> <cstdlib> <cstring>
  <filesystem> <fstream> <functional> <map> <memory> <mutex> <optional> <set> <span> <stop_token> <string> <string_view> <thread>
  <unordered_map> <utility> <variant> <vector>
  <google/protobuf/message.h> <google/protobuf/generated_message_util.h> <google/protobuf/repeated_field.h>
  <google/protobuf/generated_message_reflection.h> <google/protobuf/generated_enum_reflection.h>
  <google/protobuf/unknown_field_set.h>)

if(VIGIE_PRECOMPILE)
  # ccache wants to see the headers of a precompiled one (its manual, "Precompiled headers"); ops/build sets its sloppiness.
  # GCC 12 takes copies within std::string's operator+ for copies out of bounds (its bug 105329) where <string> was precompiled;
  # the other presets keep these warnings.
  target_compile_options(vigie_warnings INTERFACE -fpch-preprocess 
    -Wno-array-bounds -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread)
  # A library and a program: one is compiled with -fPIC, the other with -fPIE, and neither can use the header of the other.
  add_library(vigie_prefix OBJECT "${CMAKE_SOURCE_DIR}/cmake/prefix.cc")
  target_link_libraries(vigie_prefix PRIVATE vigie_warnings)
  target_precompile_headers(vigie_prefix PRIVATE ${vigie_prefix_headers})
  add_executable(vigie_test_prefix EXCLUDE_FROM_ALL "${CMAKE_SOURCE_DIR}/cmake/prefix.cc")
  target_link_libraries(vigie_test_prefix PRIVATE vigie_warnings vigie_gtest GTest::gtest_main Threads::Threads)
  target_compile_options(vigie_test_prefix PRIVATE $<$<CONFIG:Release>:-O1>)
  set_target_properties(vigie_test_prefix PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
  target_precompile_headers(vigie_test_prefix PRIVATE ${vigie_prefix_headers} <gtest/gtest.h>)
endif()

# vigie_precompiled(target prefix): `target` uses the precompiled header of `prefix`, which must have the same flags.
function(vigie_precompiled target prefix)
  if(VIGIE_PRECOMPILE)
    target_precompile_headers(${target} REUSE_FROM ${prefix})
  endif()
endfunction()
