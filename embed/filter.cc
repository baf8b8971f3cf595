// Filters of the C interface.
#include <memory>

#include "embed/error_report.h"
#include "embed/handles.h"

static_assert(sizeof(bpfc_packet) == sizeof(bpfc::PacketView));
static_assert(offsetof(bpfc_packet, data) == offsetof(bpfc::PacketView, data));
static_assert(offsetof(bpfc_packet, captured) == offsetof(bpfc::PacketView, captured));
static_assert(offsetof(bpfc_packet, length) == offsetof(bpfc::PacketView, length));

using bpfc::embed::guarded;
using bpfc::embed::report;

int bpfc_filter_create(const bpfc_program* program, bpfc_engine engine, bpfc_filter** filter,
                       bpfc_error* error) {
  return guarded(error, [&] {
    if (program == nullptr || filter == nullptr) {
      return report(error, BPFC_ERROR_OPTION, "option", "a null pointer for program or filter");
    }
    auto made = std::make_unique<bpfc_filter>();
    switch (engine) {
      case BPFC_ENGINE_AUTO:
      case BPFC_ENGINE_JIT: {
        auto jit = bpfc::Jit::compile(program->verified);
        if (jit) {
          made->jit.emplace(std::move(*jit));
        } else if (engine == BPFC_ENGINE_JIT) {
          return report(error, BPFC_ERROR_ENGINE, "engine", jit.error());
        }
        break;
      }
      case BPFC_ENGINE_INTERPRETER:
        break;
      default:
        return report(error, BPFC_ERROR_OPTION, "option", "no engine has this number");
    }
    if (!made->jit) made->interpreter.emplace(program->verified);
    *filter = made.release();
    return static_cast<int>(BPFC_OK);
  });
}

bpfc_engine bpfc_filter_engine(const bpfc_filter* filter) {
  return filter->jit ? BPFC_ENGINE_JIT : BPFC_ENGINE_INTERPRETER;
}

uint32_t bpfc_filter_run(const bpfc_filter* filter, const uint8_t* packet, uint32_t captured,
                         uint32_t length) {
  if (filter->jit) return filter->jit->function()(packet, captured, length, nullptr);
  return filter->interpreter->run(bpfc::PacketView{packet, captured, length});
}

void bpfc_filter_run_batch(const bpfc_filter* filter, const bpfc_packet* packets, size_t count,
                           uint32_t* verdicts) {
  const std::span<const bpfc::PacketView> views(reinterpret_cast<const bpfc::PacketView*>(packets),
                                                count);
  if (filter->jit) return filter->jit->run_batch(views, {verdicts, count});
  filter->interpreter->run_batch(views, {verdicts, count});
}

void bpfc_filter_free(bpfc_filter* filter) { delete filter; }

const char* bpfc_version(void) { return BPFC_VERSION; }
