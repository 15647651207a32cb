# Compiler options shared by every target, and the one way in which a library with its tests is declared.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

option(MAYFLY_SANITIZE "Build the host code with AddressSanitizer and UndefinedBehaviorSanitizer" OFF)

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER "${CCACHE}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE}")
endif()

# Warnings and include paths of all Mayfly code, host and guest.
add_library(mayfly_options INTERFACE)
target_compile_options(mayfly_options INTERFACE -Wall -Wextra -Wconversion -Wshadow -Werror)
target_include_directories(mayfly_options INTERFACE "${CMAKE_SOURCE_DIR}/src")

# What only host code gets: the guest kernel is freestanding.
add_library(mayfly_host_options INTERFACE)
target_link_libraries(mayfly_host_options INTERFACE mayfly_options)
if(MAYFLY_SANITIZE)
  target_compile_options(mayfly_host_options INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=undefined
                                                     -fno-omit-frame-pointer)
  target_link_options(mayfly_host_options INTERFACE -fsanitize=address,undefined)
endif()

# mayfly_library(NAME SOURCES... ) - a layer of the host side.
function(mayfly_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINK" ${ARGN})
  add_library(${name} STATIC ${arg_SOURCES})
  target_link_libraries(${name} PUBLIC mayfly_host_options ${arg_LINK})
endfunction()

# mayfly_test(NAME SOURCES... LINK... LABELS...) - one GoogleTest program; each of its tests is one CTest test.
function(mayfly_test name)
  cmake_parse_arguments(arg "" "TIMEOUT" "SOURCES;LINK;LABELS" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 60)
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE mayfly_host_options ${arg_LINK} GTest::gtest GTest::gtest_main)
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 30
    PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "${arg_LABELS}")
endfunction()
