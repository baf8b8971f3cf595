// What must not change within a major version. A line that fails here says that the ABI breaks.
#include <linux/filter.h>

#include <cstddef>

#include "bpfc/bpfc.h"

namespace {

static_assert(sizeof(bpfc_error) == 256);
static_assert(offsetof(bpfc_error, code) == 0);
static_assert(offsetof(bpfc_error, position) == 4);
static_assert(offsetof(bpfc_error, length) == 8);
static_assert(offsetof(bpfc_error, kind) == 16);
static_assert(offsetof(bpfc_error, message) == 24);

static_assert(sizeof(bpfc_options) == 16);
static_assert(offsetof(bpfc_options, link_type) == 0);
static_assert(offsetof(bpfc_options, snaplen) == 4);
static_assert(offsetof(bpfc_options, netmask) == 8);
static_assert(offsetof(bpfc_options, flags) == 12);

static_assert(sizeof(bpfc_packet) == 16);
static_assert(offsetof(bpfc_packet, data) == 0);
static_assert(offsetof(bpfc_packet, captured) == 8);
static_assert(offsetof(bpfc_packet, length) == 12);

static_assert(sizeof(bpfc_engine) == 4);
static_assert(BPFC_ENGINE_AUTO == 0 && BPFC_ENGINE_INTERPRETER == 1 && BPFC_ENGINE_JIT == 2);
static_assert(BPFC_OK == 0 && BPFC_ERROR_EXPRESSION == 1 && BPFC_ERROR_OPTION == 2 &&
              BPFC_ERROR_PROGRAM == 3 && BPFC_ERROR_ENGINE == 4 && BPFC_ERROR_MEMORY == 5 &&
              BPFC_ERROR_INTERNAL == 6);
static_assert(BPFC_NO_OPTIMIZATION == 1 && BPFC_OPTIMIZE_SIZE == 2 && BPFC_OPTIMIZE_FULL == 4 &&
              BPFC_LIVE_SOCKET == 8 && BPFC_NUMBERS_ONLY == 16);
static_assert(BPFC_LINK_TYPE_NULL == -1);

// The functions have these types.
[[maybe_unused]] int (*const kCompile)(const char*, const bpfc_options*, bpfc_program**,
                                       bpfc_error*) = bpfc_compile;
[[maybe_unused]] int (*const kFromInstructions)(const sock_filter*, size_t, bpfc_program**,
                                                bpfc_error*) = bpfc_program_from_instructions;
[[maybe_unused]] const sock_filter* (*const kInstructions)(const bpfc_program*,
                                                           size_t*) = bpfc_program_instructions;
[[maybe_unused]] void (*const kProgramFree)(bpfc_program*) = bpfc_program_free;
[[maybe_unused]] int (*const kCreate)(const bpfc_program*, bpfc_engine, bpfc_filter**,
                                      bpfc_error*) = bpfc_filter_create;
[[maybe_unused]] bpfc_engine (*const kEngine)(const bpfc_filter*) = bpfc_filter_engine;
[[maybe_unused]] uint32_t (*const kRun)(const bpfc_filter*, const uint8_t*, uint32_t,
                                        uint32_t) = bpfc_filter_run;
[[maybe_unused]] void (*const kRunBatch)(const bpfc_filter*, const bpfc_packet*, size_t,
                                         uint32_t*) = bpfc_filter_run_batch;
[[maybe_unused]] void (*const kFilterFree)(bpfc_filter*) = bpfc_filter_free;
[[maybe_unused]] const char* (*const kVersion)() = bpfc_version;

}  // namespace
