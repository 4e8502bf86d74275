# Compiler, warnings, hardening, sanitizers, ccache, linker: everything that is the same for every target.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")

set(VIGIE_SANITIZE "" CACHE STRING "Sanitizers to build with, as given to -fsanitize=")
option(VIGIE_FUZZ "Build the fuzz targets with libFuzzer" OFF)
option(VIGIE_FUZZ_COMPARISONS "Trace what is compared with what: finds words that no dictionary holds, a third slower" OFF)

find_program(VIGIE_CCACHE ccache)
if(VIGIE_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER "${VIGIE_CCACHE}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${VIGIE_CCACHE}")
endif()

set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1")

# Our own code only; generated and third-party code is included as SYSTEM.
add_library(vigie_warnings INTERFACE)
target_compile_options(vigie_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough -Wcast-qual -Werror
  -fstack-protector-strong -fno-omit-frame-pointer)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC collects garbage of its own from 128 MB on; with half a gigabyte it is a tenth faster and hardly larger.
  target_compile_options(vigie_warnings INTERFACE "SHELL:--param ggc-min-heapsize=500000" "SHELL:--param ggc-min-expand=1000")
endif()
target_compile_definitions(vigie_warnings INTERFACE _GLIBCXX_ASSERTIONS VIGIE_VERSION="${PROJECT_VERSION}")
target_include_directories(vigie_warnings INTERFACE "${CMAKE_SOURCE_DIR}")
if(CMAKE_BUILD_TYPE MATCHES "^(Release|RelWithDebInfo|MinSizeRel)$")
  # Checked copies of known and of computed sizes; stacks that cannot jump over their guard page.
  target_compile_options(vigie_warnings INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-clash-protection)
  if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
    target_compile_options(vigie_warnings INTERFACE -fcf-protection=full)  # indirect branches and returns
  endif()
endif()
add_link_options(-Wl,-z,relro,-z,now)

if(VIGIE_SANITIZE)
  # At -O2, GCC 12 reports uninitialised memory in Boost.Beast under ASan that is not there.
  add_compile_options(-fsanitize=${VIGIE_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${VIGIE_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(vigie_warnings INTERFACE -Wno-maybe-uninitialized)
  endif()
endif()
if(VIGIE_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
  if(NOT VIGIE_FUZZ_COMPARISONS)
    add_compile_options(-fno-sanitize-coverage=trace-cmp)
  endif()
endif()

find_program(VIGIE_MOLD mold)
if(VIGIE_MOLD)
  add_link_options(-fuse-ld=mold)
endif()
