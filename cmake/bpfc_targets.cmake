# One library a folder; who may include whom is what each folder's DEPENDS says.

add_library(bpfc_flags INTERFACE)
if(BPFC_STRICT)
  # clang's -Wconversion warns of signs too, which g++'s does not: Xbyak's displacements are unsigned.
  target_compile_options(bpfc_flags INTERFACE -Wall -Wextra -Wconversion -Wshadow -Werror
                         $<$<CXX_COMPILER_ID:Clang>:-Wno-sign-conversion>)
endif()
if(BPFC_SANITIZE)
  target_compile_options(bpfc_flags INTERFACE -fsanitize=${BPFC_SANITIZE}
                         -fno-sanitize-recover=all -fno-omit-frame-pointer
                         $<$<BOOL:$<TARGET_PROPERTY:BPFC_IS_TEST>>:-fno-sanitize=undefined>)
  target_link_options(bpfc_flags INTERFACE -fsanitize=${BPFC_SANITIZE})
endif()

# Compiled once for all that it is linked to, shared libraries too; they show what public headers declare
# (visibility.h).
function(bpfc_shareable target)
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON CXX_VISIBILITY_PRESET hidden
                        VISIBILITY_INLINES_HIDDEN ON)
  target_compile_options(${target} PRIVATE -fno-semantic-interposition)
  # A template's variable that a program has too would be there twice once the parts of the static library are one
  # object. Weak, it may be.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${target} PRIVATE -fno-gnu-unique)
  endif()
endfunction()

# bpfc_library(FOLDER DEPENDS TARGETS... SOURCES FILES...)
# Headers inside the folder are included as "FOLDER/name.h", by this folder and those that depend on it.
function(bpfc_library folder)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "DEPENDS;SOURCES")
  add_library(bpfc_${folder} STATIC ${arg_SOURCES})
  bpfc_shareable(bpfc_${folder})
  target_include_directories(bpfc_${folder} INTERFACE ${PROJECT_BINARY_DIR}/include_${folder})
  target_include_directories(bpfc_${folder} PRIVATE ${PROJECT_BINARY_DIR}/include_${folder})
  file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/include_${folder})
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${PROJECT_BINARY_DIR}/include_${folder}/${folder}
       SYMBOLIC)
  target_link_libraries(bpfc_${folder} PUBLIC bpfc_public ${arg_DEPENDS}
                        PRIVATE bpfc_flags ${BPFC_FMT})
  # What nearly every file includes, compiled once: a third of the time that the libraries take.
  if(BPFC_TESTS)
    target_precompile_headers(bpfc_${folder} REUSE_FROM bpfc_library_headers)
  endif()
endfunction()

# Build what `ctest -L unit` runs, and what `ctest -LE unit` does: scripts/test builds each in the tree that it runs in.
add_custom_target(unit_tests)
add_custom_target(other_tests)

# What is watched for undefined behaviour is what the tests test, not what GoogleTest's macros become: the tests'
# own code compiles in half the time then. Addresses are watched in both.
function(bpfc_sanitize_lightly name)
  if(BPFC_SANITIZE)
    set_target_properties(${name} PROPERTIES BPFC_IS_TEST ON)
    target_compile_options(${name} PRIVATE -Og)
  endif()
endfunction()

# GoogleTest's headers, precompiled. For targets that link GTest::gtest or more.
function(bpfc_use_test_headers name)
  target_precompile_headers(${name} REUSE_FROM bpfc_test_headers)
  bpfc_sanitize_lightly(${name})
  # g++ 12 takes std::string's own code for wrong (its bug 105651 and others), which it keeps to
  # itself as long as the header is not precompiled.
  if(BPFC_STRICT AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${name} PRIVATE -Wno-array-bounds -Wno-restrict -Wno-stringop-overflow)
  endif()
endfunction()

# Tests that attach filters by the hundred run one after another: see judge/attach_pace.h. Should the
# kernel hang all the same, they fail.
function(bpfc_attaches_filters)
  set_tests_properties(${ARGN} PROPERTIES RESOURCE_LOCK kernel_filters TIMEOUT 300)
endfunction()

# bpfc_test(NAME [SKIPPABLE] [SECONDS N] DEPENDS TARGETS... SOURCES FILES... LABELS LABELS...): one GoogleTest
# program. SKIPPABLE: a skipped case makes ctest report the program as skipped. SECONDS: it takes about so long; long
# ones start first.
function(bpfc_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "SKIPPABLE" "SECONDS" "DEPENDS;SOURCES;LABELS")
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${arg_DEPENDS} bpfc_flags ${BPFC_FMT}
                        GTest::gmock_main)
  bpfc_use_test_headers(${name})
  target_compile_definitions(${name} PRIVATE BPFC_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
                             BPFC_BINARY_DIR="${PROJECT_BINARY_DIR}")
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS "${arg_LABELS}" TIMEOUT 600)
  if("unit" IN_LIST arg_LABELS)
    add_dependencies(unit_tests ${name})
  else()
    add_dependencies(other_tests ${name})
  endif()
  if(arg_SECONDS)
    set_tests_properties(${name} PROPERTIES COST ${arg_SECONDS})
  endif()
  if(arg_SKIPPABLE)
    set_tests_properties(${name} PROPERTIES SKIP_REGULAR_EXPRESSION "\\[  SKIPPED \\]")
  endif()
endfunction()
